"""The whole graph as data: a task directory becomes Steps. It knows every stage and nothing of doit."""

from codegen_tasks.pipeline.opening import places_of, read_config
from codegen_tasks.pipeline.phase import Phase, Tools, load_phase
from codegen_tasks.pipeline.places import Places
from codegen_tasks.pipeline.stages import STAGES, steps_for
from codegen_tasks.pipeline.stages.manifest import judge_scope
from codegen_tasks.pipeline.step import SentBack, Step

__all__ = [
    "STAGES",
    "Phase",
    "Places",
    "SentBack",
    "Step",
    "Tools",
    "judge_scope",
    "load_phase",
    "places_of",
    "read_config",
    "steps_for",
]
