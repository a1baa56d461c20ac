"""`doit codegen` in this folder carries out the example; `doit task=DIR codegen` carries out another task directory."""

from codegen_tasks.tasks import load

globals().update(load(__file__, task="examples/quickstart"))
