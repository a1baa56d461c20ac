"""The review page: artefacts become one self-contained HTML file. It reads no disk and asks no model."""

from codegen_tasks.review.material import Asked, Earlier, Material
from codegen_tasks.review.page import make_page

__all__ = ["Asked", "Earlier", "Material", "make_page"]
