"""Writes the schemas beside this module."""

from codegen_tasks.files import write_atomic
from codegen_tasks.schemas import FOLDER, make_schemas

for name, data in make_schemas().items():
    write_atomic(FOLDER.resolve() / name, data)
