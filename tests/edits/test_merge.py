"""What is written at a place: how far in, which lines stay, where the file ends."""

import pytest

from codegen_tasks.edits.apply import apply_replies
from codegen_tasks.records import Blob
from tests.edits.kinds import Case, judge

INDENTATION = {
    "a body that is further out than what opens it": Case(
        "migrate.py",
        "class Migrate:\n    def run(self, apps):\n        for model in apps:\n            Grant.filter(\n"
        "                model=model,\n                kind=old,\n            ).update(kind=new)\n",
        "migrate.py\n<<<<<<< SEARCH\nGrant.filter(\n                model=model,\n                kind=old,\n"
        "            ).update(kind=new)\n=======\nfor grant in Grant.filter(\n                model=model,\n"
        "                kind=old,\n            ):\n    if not grant.exists(new):\n        grant.save()\n"
        ">>>>>>> REPLACE\n",
        None,
    ),
    "a line changed in place, quoted at a depth that stands at two": Case(
        "report.py",
        "def report(app, node):\n    if node:\n        app.warn(msg('a %s: '\n                     '%s'),\n"
        "                 node.name)\n",
        "report.py\n<<<<<<< SEARCH\napp.warn(msg('a %s: '\n             '%s'),\n             node.name)\n=======\n"
        "app.warn(msg('the %s: '\n             'is %s'),\n             node.name)\n>>>>>>> REPLACE\n",
        "def report(app, node):\n    if node:\n        app.warn(msg('the %s: '\n                     'is %s'),\n"
        "                 node.name)\n",
    ),
    "an assignment opens no block: what comes below it is a sibling": Case(
        "printer.py",
        "class Printer:\n    a = 1\n    b = 2\n",
        "printer.py\n<<<<<<< SEARCH\na = 1\n=======\na = 1\n\n    def f(self):\n        return 3\n>>>>>>> REPLACE\n",
        "class Printer:\n    a = 1\n\n    def f(self):\n        return 3\n    b = 2\n",
    ),
    "a method below a line quoted eight columns too far out": Case(
        "store.py",
        "class Store:\n    def find(self, key):\n        for shelf in self.shelves:\n            if key in shelf:\n"
        "                return shelf.lookup(key)\n\n    def close(self):\n        self.open = False\n",
        "--- a/store.py\n+++ b/store.py\n@@ -4,1 +4,4 @@\n         return shelf.lookup(key)\n+\n+    def size(self):\n"
        "+        return len(self.shelves)\n",
        None,
    ),
    "a line below one quoted four columns too deep": Case(
        "feed.py",
        "class Feed:\n    def stop(self):\n        self.on = False\n\n    def start(self):\n        self.on = True\n",
        "--- a/feed.py\n+++ b/feed.py\n@@ -3,1 +3,2 @@\n             self.on = False\n+        self.log.flush()\n",
        None,
    ),
}


@pytest.mark.parametrize("case", INDENTATION.values(), ids=INDENTATION)
def test_indentation(case: Case) -> None:
    assert judge(case)[0] == "right"


def test_lines_that_come_one_for_one_for_quoted_ones_stand_where_these_do() -> None:
    reply = "d.rst\n<<<<<<< SEARCH\nTitle\n=======\n=======\nNew Title\n=========\n>>>>>>> REPLACE\n"
    before = b"\tTitle\n=======\n-\nText here.\n\tTitle\n<<<<<<< SEARCH\n\n\n-"
    change = apply_replies([reply], {"d.rst": Blob(before)}).changes[0]
    assert change.after and change.after.data == before.replace(b"\tTitle\n=======", b"\tNew Title\n=========", 1)
