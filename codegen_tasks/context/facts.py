"""What a model was told of the repository, as records: what a unit depends on, and what is text alone."""

from codegen_tasks.records import Record


class Fact(Record, frozen=True):
    """A definition that was shown: where it stands, its name there (`Class.method`), and its signature line."""

    path: str
    name: str
    signature: str


class Excerpt(Record, frozen=True):
    """Some lines of a file, as they were when they were chosen. `what` says why: a body, or an example of the style."""

    path: str
    what: str
    text: str
