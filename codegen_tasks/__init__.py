"""The codegen phase of a plan-driven lifecycle, as a build system: plan in, proved patch out."""

import sys

from codegen_tasks.module_path import put_installed_first

if getattr(sys.modules.get("doit.loader"), "initial_workdir", None) is not None:
    put_installed_first()  # doit loads a dodo.py: before we import any library
