"""The first hour: a task directory begun, the machine examined, a plan taken over from elsewhere."""

from codegen_tasks.start.beginning import Begun, begin
from codegen_tasks.start.doctor import Row, examine
from codegen_tasks.start.importing import Imported, plan_files, plan_text
from codegen_tasks.start.sources import read_source

__all__ = ["Begun", "Imported", "Row", "begin", "examine", "plan_files", "plan_text", "read_source"]
