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
    "tabs below a first line without its spaces, in a file that has none": Case(
        "epub.py",
        "def build(app):\n    if app.is_epub:\n        return\n    go()\n",
        "epub.py\n<<<<<<< SEARCH\nif app.is_epub:\n\treturn\n=======\nif app.is_epub:\n\tif app.quiet:\n\t\treturn\n"
        ">>>>>>> REPLACE\n",
        "def build(app):\n    if app.is_epub:\n        if app.quiet:\n            return\n    go()\n",
    ),
    "new lines as the file has them, below a first line without its own": Case(
        "view.py",
        "class View:\n    def get(self):\n        return Json({\n            'results': self.rows,\n        })\n",
        "view.py\n<<<<<<< SEARCH\nreturn Json({\n            'results': self.rows,\n        })\n=======\n"
        "        return Json({\n            'results': self.all(),\n        })\n\n    def all(self):\n"
        "        return list(self.rows)\n>>>>>>> REPLACE\n",
        "class View:\n    def get(self):\n        return Json({\n            'results': self.all(),\n        })\n\n"
        "    def all(self):\n        return list(self.rows)\n",
    ),
    "a method further out than all that is quoted, in other units": Case(
        "view.py",
        "class View:\n    def get(self):\n        return Json({\n            'results': self.rows,\n        })\n",
        "view.py\n<<<<<<< SEARCH\n                return Json({\n                        'results': self.rows,\n"
        "                })\n=======\n                return Json({\n                        'results': self.all(),\n"
        "                })\n\n        def all(self):\n                return list(self.rows)\n>>>>>>> REPLACE\n",
        "class View:\n    def get(self):\n        return Json({\n            'results': self.all(),\n        })\n\n"
        "    def all(self):\n        return list(self.rows)\n",
    ),
    "tabs for spaces, and another shift": Case(
        "merge.py",
        "def merge(sets):\n    for ds in sets:\n        if absent:\n            raise ValueError(absent)\n"
        "    return sets\n",
        "merge.py\n<<<<<<< SEARCH\n\tif absent:\n\t\traise ValueError(absent)\n=======\n\tif check:\n\t\tif absent:\n"
        "\t\t\traise ValueError(absent)\n>>>>>>> REPLACE\n",
        "def merge(sets):\n    for ds in sets:\n        if check:\n            if absent:\n"
        "                raise ValueError(absent)\n    return sets\n",
    ),
    "nothing quoted has its indentation, all that is new has": Case(
        "watch.py",
        "class Watch:\n    def files(self):\n        for one in self.globs:\n            yield from one\n",
        "watch.py\n<<<<<<< SEARCH\ndef files(self):\nfor one in self.globs:\nyield from one\n=======\n"
        "    def files(self):\n        for one in self.globs:\n            if one:\n                yield from one\n"
        ">>>>>>> REPLACE\n",
        "class Watch:\n    def files(self):\n        for one in self.globs:\n            if one:\n"
        "                yield from one\n",
    ),
    "neither what is quoted nor what is new has its indentation": Case(
        "lazy.py",
        "class Lazy:\n    def add(self, other):\n        return other + self.cast()\n",
        "lazy.py\n<<<<<<< SEARCH\ndef add(self, other):\nreturn other + self.cast()\n=======\ndef add(self, other):\n"
        "if self.empty:\nself.setup()\nreturn other + self.wrapped\n>>>>>>> REPLACE\n",
        None,
    ),
    "two lines changed in place, each at a depth of its own": Case(
        "f.txt",
        "    line1\n    line2\n        line3\n    line4\n",
        "f.txt\n<<<<<<< SEARCH\nline2\nline3\n=======\nnew2\nnew3\n>>>>>>> REPLACE\n",
        "    line1\n    new2\n        new3\n    line4\n",
    ),
    "lines that go, quoted further in": Case(
        "a.py",
        "def f():\n    a = 1\n    b = 2\n    return 3\n",
        "a.py\n<<<<<<< SEARCH\n        a = 1\n        b = 2\n=======\n>>>>>>> REPLACE\n",
        "def f():\n    return 3\n",
    ),
    "a diff of which all lost their indentation, below a line that has none": Case(
        "a.js",
        "function f() {\n    a();\n    b();\n    c();\n    d();\n}\n",
        "--- a/a.js\n+++ b/a.js\n@@ -1,5 +1,6 @@\n function f() {\n a();\n b();\n+check();\n c();\n d();\n",
        None,
    ),
    "new lines as the file has them, all that is quoted further out": Case(
        "store.py",
        "def find(key):\n    if key:\n        a = 1\n        b = 2\n        c = 3\n",
        "store.py\n<<<<<<< SEARCH\na = 1\nb = 2\nc = 3\n=======\n        a = 1\n        b = 2\n        log(b)\n"
        "        c = 3\n>>>>>>> REPLACE\n",
        "def find(key):\n    if key:\n        a = 1\n        b = 2\n        log(b)\n        c = 3\n",
    ),
    "a block put around all that is quoted further out": Case(
        "store.py",
        "def find(key):\n    if key:\n" + "".join(f"        {name} = 1\n" for name in "abcdefgh"),
        "store.py\n<<<<<<< SEARCH\n"
        + "".join(f"    {name} = 1\n" for name in "abcdefgh")
        + "=======\n    if new:\n"
        + "".join(f"        {name} = 1\n" for name in "abcdefgh")
        + ">>>>>>> REPLACE\n",
        "def find(key):\n    if key:\n        if new:\n" + "".join(f"            {name} = 1\n" for name in "abcdefgh"),
    ),
    "a first line without its own in both parts, and one of that depth that is new": Case(
        "page.feature",
        "Feature: pages\n  Scenario: one\n    When I build\n    Then I see one\n    And I see two\n",
        "page.feature\n<<<<<<< SEARCH\nWhen I build\n    Then I see one\n    And I see two\n=======\nWhen I build\n"
        "    Then I see one\n    And I see two\n\n  Scenario: two\n    When I build\n    Then I see two\n"
        ">>>>>>> REPLACE\n",
        None,
    ),
    "an else that no rule places": Case(
        "utils.js",
        "function show(value) {\n    if (!value)\n        return none;\n    else\n        return text(value);\n}\n",
        "utils.js\n<<<<<<< SEARCH\n else\n         return text(value);\n=======\n else if (value.json) {\n"
        "         log(value);\n         return json(value);\n     }\n     else\n         return text(value);\n"
        ">>>>>>> REPLACE\n",
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
