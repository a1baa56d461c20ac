"""Repositories of the world: git's own rules, an index that is not the disk, files that stand for others."""

import json
import os
import shlex
import socket
import subprocess
from pathlib import Path

import pytest

from codegen_tasks.edits import apply_replies
from codegen_tasks.errors import BadConfig, BadPlan
from codegen_tasks.files import Snapshot
from codegen_tasks.plan import parse_files
from codegen_tasks.records import Blob
from codegen_tasks.worktree import Worktree, read_head
from codegen_tasks.worktree.secret_names import is_secret
from tests.peer import Peer, Question, Say
from tests.workshop import LEAN, Workshop, git

FILES = {"pkg/.gitignore": "below.txt\n", ".gitignore": "top.txt\nvendor/\n", "pkg/a.txt": "a\n", "README": "r\n"}
HIDDEN = ("top.txt", "below.txt", "excluded.txt", "mine.txt", "vendor/lib.txt")


def fill(folder: Path) -> None:
    for name in (*HIDDEN, "seen.txt"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"{name}\n")


def make_repository(folder: Path, *init: str) -> Path:
    """A repository with rules in all the places that git reads, and a file for each."""
    shop = Workshop(folder, FILES, bare=True)
    git(folder, "init", "-q", "-b", "main", *init)
    git(folder, "add", ".gitignore", "README", "pkg")
    git(folder, "commit", "-qm", "base")
    (folder / ".git/info").mkdir(exist_ok=True)
    (folder / ".git/info/exclude").write_text("excluded.txt\n")
    fill(shop.root / "pkg")
    return shop.root


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    (home / ".config/git").mkdir(parents=True)
    (home / ".config/git/ignore").write_text("mine.txt\n")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)


def shown(root: Path) -> set[str]:
    return set(Worktree(root, Snapshot()).expand("**", "here"))


def plain(folder: Path) -> Path:
    return make_repository(folder) / "pkg"


def sha256(folder: Path) -> Path:
    return make_repository(folder, "--object-format=sha256") / "pkg"


def worktree(folder: Path) -> Path:
    root = make_repository(folder)
    git(root, "worktree", "add", "-q", "--detach", str(folder.parent / "second"))
    fill(folder.parent / "second/pkg")
    return folder.parent / "second/pkg"


def nothing_tracked_below(folder: Path) -> Path:
    root = make_repository(folder)
    git(root, "rm", "-q", "--cached", "-r", "pkg")
    return root / "pkg"


def without_commit(folder: Path) -> Path:
    root = make_repository(folder)
    git(root, "update-ref", "-d", "HEAD")
    git(root, "rm", "-q", "--cached", "-r", ".")
    return root / "pkg"


def submodule(folder: Path) -> Path:
    inner, outer = make_repository(folder), folder.parent / "outer"
    Workshop(outer, {"o.txt": "o\n"})
    git(outer, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(inner), "sub")
    exclude = outer / ".git/modules/sub/info/exclude"
    exclude.parent.mkdir(exist_ok=True)
    exclude.write_text("excluded.txt\n")
    fill(outer / "sub/pkg")
    return outer / "sub/pkg"


def of_another_user(folder: Path) -> Path:
    root = make_repository(folder)
    for path in [root, *root.rglob("*")]:
        os.chown(path, 12345, 12345, follow_symlinks=False)
    return root / "pkg"


KINDS = [plain, sha256, worktree, nothing_tracked_below, without_commit, submodule]
KINDS += [of_another_user] if os.getuid() == 0 else []


@pytest.mark.parametrize("kind", KINDS)
def test_what_git_ignores_is_not_shown(kind, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    assert shown(kind(tmp_path / "repo")) == {".gitignore", "a.txt", "seen.txt"}


@pytest.mark.parametrize("path", HIDDEN)
def test_an_ignored_file_cannot_be_named(path: str, tmp_path: Path) -> None:
    root = make_repository(tmp_path / "repo")
    with pytest.raises(BadPlan, match="is ignored"):
        Worktree(root, Snapshot()).expand(f"pkg/{path}", "here")


def test_without_git_the_same_files_are_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = make_repository(tmp_path / "repo")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert shown(root / "pkg") == {".gitignore", "a.txt", "seen.txt"}
    head = str(read_head(root))
    assert not Worktree(root, Snapshot()).is_dirty(head, [])


def test_without_git_a_repository_that_cannot_be_read_stops_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = make_repository(tmp_path / "repo", "--object-format=sha256")
    monkeypatch.setenv("PATH", f".:{tmp_path}")
    with pytest.raises(BadConfig, match="without git") as stop:
        shown(root / "pkg")
    assert "install git" in stop.value.hint


SETTINGS = {
    "a hook's GIT_DIR": {"GIT_DIR": "/nowhere", "GIT_WORK_TREE": "/", "GIT_INDEX_FILE": "/nowhere/index"},
    "a ceiling": {"GIT_CEILING_DIRECTORIES": "/"},
    "magic": {"GIT_LITERAL_PATHSPECS": "1", "GIT_TRACE": "1"},
}


@pytest.mark.parametrize("name", SETTINGS)
def test_the_environment_names_no_other_repository(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = plain(tmp_path / "repo")
    for key, value in SETTINGS[name].items():
        monkeypatch.setenv(key, value)
    assert shown(root) == {".gitignore", "a.txt", "seen.txt"}


def test_settings_in_the_environment_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = plain(tmp_path / "repo")
    (tmp_path / "more").write_text("seen.txt\n")
    for name, value in {"COUNT": "1", "KEY_0": "core.excludesFile", "VALUE_0": str(tmp_path / "more")}.items():
        monkeypatch.setenv(f"GIT_CONFIG_{name}", value)
    assert shown(root) == {".gitignore", "a.txt", "mine.txt"}


def test_nothing_of_the_repository_is_run(tmp_path: Path) -> None:
    root = plain(tmp_path / "repo")
    hook = tmp_path / "hook"
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    hook.chmod(0o755)
    git(root, "config", "core.fsmonitor", str(hook))
    shown(root)
    assert not (tmp_path / "ran").exists()


def broken_index(root: Path) -> None:
    (root / ".git/index").write_bytes(b"broken")


def broken_settings(root: Path) -> None:
    (root.parent / "home/.gitconfig").write_text("[user\n")


def broken_repository_settings(root: Path) -> None:
    (root / ".git/config").write_text("[core\n")


def dangling_pointer(root: Path) -> None:
    (root / ".git").rename(root / "away")
    (root / ".git").write_text("gitdir: /nowhere\n")


def pipe_of_rules(root: Path) -> None:
    (root / ".gitignore").unlink()
    os.mkfifo(root / ".gitignore")


def pipe_of_a_head(root: Path) -> None:
    (root / ".git/HEAD").unlink()
    os.mkfifo(root / ".git/HEAD")


def pipe_of_excludes(root: Path) -> None:
    (root / ".git/info/exclude").unlink()
    os.mkfifo(root / ".git/info/exclude")


def pipe_of_settings(root: Path) -> None:
    os.mkfifo(root.parent / "home/.gitconfig")


BREAKS = [broken_index, broken_settings, broken_repository_settings, dangling_pointer, pipe_of_rules, pipe_of_settings]
BREAKS += [pipe_of_a_head, pipe_of_excludes]


@pytest.mark.parametrize("breaks", BREAKS)
def test_what_git_cannot_read_stops_the_run(breaks, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    root = make_repository(tmp_path / "repo")
    breaks(root)
    with pytest.raises(BadConfig) as stop:
        shown(root / "pkg")
    assert "git status" in stop.value.hint
    assert str(root) not in stop.value.message


def test_nested_repositories_have_their_own_rules(tmp_path: Path) -> None:
    root = make_repository(tmp_path / "repo")
    make_repository(root / "nest")
    tree = Worktree(root, Snapshot())
    assert set(tree.expand("nest/**", "here")) - {"nest/task/dodo.py"} == {
        "nest/.gitignore", "nest/README", "nest/pkg/.gitignore", "nest/pkg/a.txt", "nest/pkg/seen.txt",
    }  # fmt: skip
    for path in HIDDEN:
        with pytest.raises(BadPlan, match="is ignored"):
            tree.expand(f"nest/pkg/{path}", "here")


def test_a_folder_of_clones_is_asked_clone_by_clone(tmp_path: Path) -> None:
    for name in ("one", "two"):
        make_repository(tmp_path / "work" / name)
    assert {path for path in shown(tmp_path / "work") if path.startswith("two/pkg")} == {
        "two/pkg/.gitignore", "two/pkg/a.txt", "two/pkg/seen.txt",
    }  # fmt: skip


def test_what_is_not_on_disk_is_not_in_a_glob(tmp_path: Path) -> None:
    """Removed, skip-worktree, assume-unchanged, and a link in place of a folder; intent-to-add is there."""
    names = ("gone.md", "skipped.md", "assumed.md", "here.md", "folder/x.md")
    shop = Workshop(tmp_path / "repo", {f"docs/{name}": "x\n" for name in names})
    git(shop.root, "update-index", "--skip-worktree", "docs/skipped.md")
    git(shop.root, "update-index", "--assume-unchanged", "docs/assumed.md")
    for name in names[:3]:
        (shop.root / "docs" / name).unlink()
    (tmp_path / "outside").mkdir()
    (shop.root / "docs/folder").rename(tmp_path / "outside/folder")
    (shop.root / "docs/folder").symlink_to(tmp_path / "outside/folder")
    shop.put("docs/added.md", "x\n")
    git(shop.root, "add", "-N", "docs/added.md")
    os.mkfifo(shop.root / "docs/pipe.md")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.path.relpath(shop.root / "docs/socket.md"))
        tree = Worktree(shop.root, Snapshot())
        assert tree.expand("docs/**", "here") == ("docs/added.md", "docs/here.md")
        assert tree.visible() == ("docs/added.md", "docs/here.md")
        for name in ("pipe.md", "socket.md", "folder/x.md", "gone.md"):
            with pytest.raises(BadPlan, match="not a file of the working tree"):
                tree.expand(f"docs/{name}", "here")


POINTERS = {
    "lfs": (
        b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"4d" * 32 + b"\nsize 12345\n",
        "git lfs pull",
    ),
    "lfs with an extension": (
        b"version https://git-lfs.github.com/spec/v1\next-0-x sha256:1\noid sha256:" + b"4d" * 32 + b"\nsize 1\n",
        "git lfs pull",
    ),
    "lfs with CRLF": (b"version https://git-lfs.github.com/spec/v1\r\noid sha256:00\r\nsize 1\r\n", "git lfs pull"),
    "lfs before it had its name": (
        b"version https://hawser.github.com/spec/v1\noid sha256:00\nsize 1\n",
        "git lfs pull",
    ),
    "annex": (b"/annex/objects/MD5E-s5--abc.csv\n", "git annex get"),
    "fat": (b"#$# git-fat " + b"a" * 40 + b"                1\n", "git fat pull"),
    "crypt": (b"\0GITCRYPT\0" + b"x" * 9000, "git-crypt unlock"),
}


@pytest.mark.parametrize("name", POINTERS)
@pytest.mark.parametrize(
    "entry", [{"path": "data/t.csv"}, {"path": "a.txt", "context": ["data/*"]}], ids=["plan", "ctx"]
)
def test_a_pointer_is_no_content(name: str, entry: dict[str, object], tmp_path: Path) -> None:
    data, remedy = POINTERS[name]
    shop = Workshop(tmp_path / "repo", {"data/t.csv": data, "a.txt": "a\n"})
    shop.plan("# Plan\n\nDo it.\n", [entry])
    with Peer(lambda _: Say("never")) as peer:
        shop.models(peer.url)
        run = shop.doit("context")
        assert (run.returncode, peer.requests) == (65, [])
        assert remedy in run.stdout


def test_a_pointer_may_be_deleted(tmp_path: Path) -> None:
    shop = Workshop(tmp_path / "repo", {"data/t.csv": POINTERS["lfs"][0]})
    shop.plan("# Plan\n\nDo it.\n", [{"path": "data/t.csv", "intent": "delete"}])
    assert shop.doit("codegen").returncode == 0


def test_a_text_about_pointers_is_a_content() -> None:
    Worktree(Path(), Snapshot()).check_fetched("a.md", None, "here")


SECRET = """
    .env .ENV prod.env .env.local app.env.production .env~ .env.pub .env.swp #.env# .envrc id_rsa id_rsa.bak
    .id_ed25519.swp keys/deploy_key ssh_host_rsa_key x.pem X.P12 a.kdbx key.ppk release.keystore kubeconfig
    .kube/config k8s/prod-kubeconfig.yaml .aws/credentials .docker/config.json .dockercfg terraform.tfstate
    terraform.tfstate.backup a/prod.auto.tfvars service-account.json gcp-credentials.json client_secret_1.json
    application_default_credentials.json credentials config/credentials.yml.enc secrets/prod.yaml secrets/db_password
    .secrets.toml secrets.prod.yaml auth.json .npmrc .pypirc .netrc .git-credentials .pgpass .my.cnf .s3cfg
    .vault-token .vault_pass.txt rclone.conf wg0.conf .config/gh/hosts.yml .m2/settings.xml wp-config.php.bak
    private.asc .gnupg/trustdb .ssh/config passwords.csv api_key.txt token.json .bash_history .dev.vars
    .envs/.production/.django
""".split()
OPEN = """
    .env.example .env.sample .env.template .env.local.example example.env terraform.tfvars.example
    secrets.example.yaml credentials.sample.json id_rsa.pub src/secrets/manager.py src/auth.ts locales/en/auth.json
    docs/secrets.md tests/test_credentials.py lib/id_rsa_test.go src/token.go tokenizer.json design/tokens.json
    environment.prod.ts env.ts config/environment.rb keyboard.json monkey.txt public/key.html package.json Makefile
    charts/app/templates/secret.yaml .github/workflows/secrets-scan.yml .secrets.baseline config.json hosts.yml
""".split()


@pytest.mark.parametrize("path", SECRET)
def test_names_of_secrets(path: str) -> None:
    assert is_secret(path)
    assert is_secret(f"deep/down/{path}")


@pytest.mark.parametrize("path", OPEN)
def test_names_that_only_sound_so(path: str) -> None:
    assert not is_secret(path)


HEADS = {
    "a path outside": "ref: ../../../secret.txt",
    "a path outside below refs": "ref: refs/../../../secret.txt",
    "a name of no reference": "ref: config",
    "text": "what stands here is no commit",
    "half a commit": "deadbeef",
}


@pytest.mark.parametrize("name", HEADS)
def test_foreign_text_is_no_commit(name: str, tmp_path: Path) -> None:
    shop = Workshop(tmp_path / "repo", {"a.txt": "a\n"})
    (tmp_path / "secret.txt").write_text("CANARY\n")
    (shop.root / ".git/HEAD").write_text(HEADS[name] + "\n")
    assert read_head(shop.root) is None


def test_head_in_odd_places(tmp_path: Path) -> None:
    shop = Workshop(tmp_path / "repo", {"a.txt": "a\n"})
    (tmp_path / "secret.txt").write_text("CANARY\n")
    commit = git(shop.root, "rev-parse", "HEAD").strip()
    git(shop.root, "symbolic-ref", "refs/heads/other", "refs/heads/main")
    git(shop.root, "symbolic-ref", "HEAD", "refs/heads/other")
    assert read_head(shop.root) == commit
    (shop.root / ".git/refs/heads/main").unlink()
    (shop.root / ".git/refs/heads/main").symlink_to(tmp_path / "secret.txt")
    assert read_head(shop.root) is None
    (shop.root / ".git/HEAD").unlink()
    os.mkfifo(shop.root / ".git/HEAD")
    assert read_head(shop.root) is None


def new(question: Question) -> Say:
    return Say(json.dumps({"files": [{"path": path, "content": f"new {path}\n"} for path in question.paths]}))


@pytest.mark.parametrize("root", ["packages/app", ".", "packages/a b"])
@pytest.mark.parametrize("where", ["task", "."])
def test_the_last_line_names_a_command_that_applies_the_diff(root: str, where: str, tmp_path: Path) -> None:
    """Wherever the working tree and the user are in the repository: the command gives code/files to the byte."""
    shop = Workshop(tmp_path / "repo", {f"{root}/src/a.txt": "a\n"})
    shop.plan("# Plan\n\nDo it.\n", [{"path": "src/a.txt"}, {"path": "src/new.txt"}])
    with Peer(new) as peer:
        shop.models(peer.url, spec="format: whole", more=f"repo: ../{root}\n")
        here = shop.root / where
        run = shop.doit(
            "-f", os.path.relpath(shop.task / "dodo.py", here), "-d", ".", f"task={shop.task}", "codegen", cwd=here
        )
    command = run.stdout.strip().splitlines()[-1].rpartition("to apply it: ")[2]
    subprocess.run(shlex.split(command), cwd=here, check=True, env=LEAN)
    for path, data in shop.files().items():
        assert (shop.root / root / path).read_bytes() == data


def test_a_generated_file_of_a_secrets_name_is_not_shown(tmp_path: Path) -> None:
    """Whatever a person has put into it since."""
    shop = Workshop(tmp_path / "repo", {"a.txt": "a\n"})
    names = (".env", "passwords.txt", "keys/id_rsa")
    shop.plan("# Plan\n\nDo it.\n", [*names, {"path": "a.txt", "depends_on": list(names)}])
    with Peer(new) as peer:
        shop.models(peer.url, spec="format: whole")
        assert shop.doit("codegen").returncode == 0
        for name in names:
            (shop.code("files") / name).write_text("CANARY\n")
        asked = len(peer.requests)
        shop.plan("# Plan\n\nDo it otherwise.\n", [*names, {"path": "a.txt", "depends_on": list(names)}])
        shop.doit("codegen")
        assert len(peer.requests) > asked
        assert not any("CANARY" in json.dumps(request.body) for request in peer.requests)
        assert "looks like a secret" in shop.code("context/a.txt.md").read_text()


ODD = ("at 9.52\u202fAM.txt", "a\u00a0b.txt", "\U0001f469\u200d\U0001f4bb.txt", "a\u3000b.txt", "Foo::Bar.3pm",
       "it's.md",
       "[slug].tsx", "(group)/page.tsx", "a  b.txt", "$id.tsx", "a,b;c.txt", "100%.txt", "\u0645.txt")  # fmt: skip
UNSAID = ("10:30 notes.txt", "file:x.txt", "1. intro.md", "* star.md", "- dash.md", "# title.md", "a<b>.txt",
          "**b**.txt**", " lead.txt", "\ufeffx.txt", "path: x.txt", "a\u200eb.txt", "a\u202eb.txt")  # fmt: skip


@pytest.mark.parametrize("path", ODD)
@pytest.mark.parametrize("shape", ["json", "fence"])
def test_odd_names_that_the_plan_takes_can_be_answered(path: str, shape: str) -> None:
    reply = (
        json.dumps({"files": [{"path": path, "content": "new\n"}]}) if shape == "json" else f"{path}\n```\nnew\n```\n"
    )
    assert parse_files(json.dumps([path]).encode())[0].path == path
    outcome = apply_replies([reply], {path: None}, frozenset([path]))
    assert [(change.path, change.after) for change in outcome.changes] == [(path, Blob(b"new\n"))]


@pytest.mark.parametrize("path", UNSAID)
def test_names_that_no_reply_can_say_are_refused_before_anybody_is_paid(path: str) -> None:
    with pytest.raises(BadPlan, match="path"):
        parse_files(json.dumps([path]).encode())


def test_executable_and_depends_on_in_all_forms() -> None:
    needs = ["a.py", {"path": "c.py", "see": "interface"}]
    entries = ["a.py", {"path": "b.py", "executable": True, "depends_on": needs},
               {"path": "c.py", "depends_on": [{"path": "a.py"}]}]  # fmt: skip
    files = parse_files(json.dumps(entries).encode())
    assert [(file.executable, file.depends_on, file.interfaces) for file in files] == [
        (None, (), ()), (True, ("a.py", "c.py"), ("c.py",)), (None, ("a.py",), ()),
    ]  # fmt: skip


MEANINGLESS = ({"path": "c.py"}, {"see": "interface"}, {"path": "a.py", "see": "all"}, {"path": "a.py", "v": 1}, 7)


@pytest.mark.parametrize("given", MEANINGLESS)
def test_dependencies_that_mean_nothing(given: object) -> None:
    with pytest.raises(BadPlan, match="depends_on"):
        parse_files(json.dumps(["a.py", {"path": "b.py", "depends_on": [given]}]).encode())


def test_what_is_refused_under_one_name_is_kept_under_names_of_its_own(tmp_path: Path) -> None:
    """A file and a folder, twins by case, our own folder's name: each claim lies in quarantine with its content."""
    claims = {
        "zz": "1\n",
        "zz/b.txt": "2\n",
        "ZZ/c.txt": "3\n",
        "yy/d.txt": "4\n",
        "yy": "5\n",
        "other/e.txt": "6\n",
        "w.txt": "7\n",
    }
    files = [{"path": path, "content": text} for path, text in {"a.txt": "new\n", **claims}.items()]
    shop = Workshop(tmp_path / "repo", {"a.txt": "a\n"})
    shop.plan("# Plan\n\nDo it.\n", ["a.txt"])
    with Peer(lambda _: Say(json.dumps({"files": files}))) as peer:
        shop.models(peer.url, spec="format: whole", more="generate: {repairs: 0}\n")
        run = shop.doit("codegen")
    assert run.returncode == 10, run.stdout
    kept = {
        entry["path"]: (shop.task / entry["quarantine"]).read_text() for entry in shop.read("scope.json")["refused"]
    }
    assert kept == claims
