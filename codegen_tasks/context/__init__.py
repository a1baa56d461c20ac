"""What a model is shown: the question of one unit, rendered from what it is given. Reads no file, asks no model."""

from codegen_tasks.context.package import read_package, write_package
from codegen_tasks.context.render import Shown, Templates, build_request
from codegen_tasks.context.summary import summarise

__all__ = ["Shown", "Templates", "build_request", "read_package", "summarise", "write_package"]
