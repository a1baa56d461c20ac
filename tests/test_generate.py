"""The chain, the store and the conversation: what is asked, what is kept, what a unit ends with."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest

from codegen_tasks.errors import (
    BudgetExceeded,
    CodegenError,
    EditFailed,
    Interrupted,
    MissingOutputs,
    ProviderError,
    ProviderRefused,
)
from codegen_tasks.generate import Asking, Budget, Limits, Progress, estimate
from codegen_tasks.providers.windows import expected_input_tokens
from codegen_tasks.records import Alternative, Answer, Message, ModelSpec, Reply, digest, encode
from codegen_tasks.store import Store, question_digest
from tests.asked import KEY, REPAIR, answer, asking, events, key, model, question, stored_answer
from tests.peer import STREAM_HEAD, Action, Peer, Question, Raw, Refuse, Say, chunked, event, write_all

__all__ = ["key"]  # a fixture

pytestmark = pytest.mark.usefixtures("key")

NEW = {"a.py": None, "b.py": None}
A = "a.py\n```\n# a\n```\n"
B = "b.py\n```\n# b\n```\n"
BROKEN = "a.py\n```\ndef f(:\n```\n"
REFUSED = "I would rather not."


def saying(*texts: str | Action) -> Callable[[Question], Action]:
    """A rule that says one thing after the other, and the last one for ever."""

    def rule(asked: Question) -> Action:
        said = texts[min(asked.number, len(texts)) - 1]
        return Say(said) if isinstance(said, str) else said

    return rule


def texts(given: Answer) -> list[str]:
    return [reply.text for reply in given.replies]


def test_an_answer_says_what_was_asked_and_what_came(tmp_path: Path) -> None:
    request = question("a.py")
    with Peer(saying(Say(A, cached=40))) as peer:
        given = answer(request, NEW, (model(peer),), asking(tmp_path))
    reply = Reply("openai/m", A, "stop", 100, 20, 40, None)
    assert given == Answer("a.py", digest(encode(request)), 1, (reply,), ("a.py",))
    (line,) = events(tmp_path)
    assert (line["event"], line["unit"], line["model"], line["cached_tokens"]) == ("reply", "a.py", "openai/m", 40)


def test_a_question_is_asked_once_wherever_the_store_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Peer() as peer:
        first = answer(question("a.py"), NEW, (model(peer),), asking(tmp_path))
        monkeypatch.delenv("PEER_KEY")
        (tmp_path / "store").rename(tmp_path / "moved")
        replay = Asking(Store(tmp_path / "moved"), REPAIR, offline=True)
        elsewhere = msgspec.structs.replace(model(peer), api_base="http://127.0.0.1:9/v1")
        assert answer(question("a.py"), NEW, (elsewhere,), replay) == first
        assert len(peer.requests) == 1


def test_offline_names_the_unit_and_asks_nobody(tmp_path: Path) -> None:
    with Peer() as peer, pytest.raises(ProviderRefused, match=r"a\.py: the store holds no answer"):
        answer(question("a.py"), NEW, (model(peer),), asking(tmp_path, offline=True))
    assert peer.requests == []


def test_the_answer_of_a_later_model_is_found_before_the_first_is_asked(tmp_path: Path) -> None:
    def rule(asked: Question) -> Action:
        return Refuse(529) if asked.model == "first" else Say(A)

    with Peer(rule) as peer:
        chain = (model(peer, "openai/first", retries=0), model(peer, "openai/second"))
        given = answer(question("a.py"), NEW, chain, asking(tmp_path))
        assert answer(question("a.py"), NEW, chain, asking(tmp_path)) == given
        assert [asked.model for asked in peer.requests] == ["first", "second"]
    assert [(line["event"], line["model"]) for line in events(tmp_path)] == [
        ("fault", "openai/first"),
        ("reply", "openai/second"),
        ("stored", "openai/second"),
    ]


def test_each_model_is_asked_in_its_own_format(tmp_path: Path) -> None:
    def rule(asked: Question) -> Action:
        return Refuse(401) if asked.model == "first" else saying(REFUSED, REFUSED, A)(asked)

    other = "Write a diff.\n\n## Write these files\n- a.py\n"
    request = msgspec.structs.replace(question("a.py"), alternatives=(Alternative("udiff", other),))
    with Peer(rule) as peer:
        chain = (model(peer, "openai/first", format="whole"), model(peer, "openai/second", format="udiff"))
        given = answer(request, NEW, chain, asking(tmp_path))
        assert answer(request, NEW, chain, asking(tmp_path, offline=True)) == given
    asked = [message.content for message in request.messages]
    assert [sent.texts[1] for sent in peer.requests] == [asked[1], other, other]
    keys = [question_digest(request.in_format(spec.format), chain[0]) for spec in chain]
    assert keys[0] == question_digest(question("a.py"), chain[0]) != keys[1]


def test_the_worst_case_counts_each_model_in_its_own_format(tmp_path: Path) -> None:
    request = msgspec.structs.replace(question("a.py"), alternatives=(Alternative("udiff", "x" * 10_000),))
    worst = [
        estimate(request, NEW, (ModelSpec("openai/m", format=name),), asking(tmp_path), None).worst.input_tokens
        for name in ("whole", "udiff")
    ]
    assert worst[1] - worst[0] > 10_000


def test_a_refused_reply_goes_back_with_the_reason(tmp_path: Path) -> None:
    request = question("a.py")
    with Peer(saying(REFUSED, A)) as peer:
        given = answer(request, NEW, (model(peer),), asking(tmp_path))
        assert answer(request, NEW, (model(peer),), asking(tmp_path, offline=True)) == given
    assert texts(given) == [REFUSED, A]
    assert peer.requests[1].texts[:3] == (*(message.content for message in request.messages), REFUSED)
    before, after = REPAIR.split("{{ refusal }}")
    assert peer.requests[1].texts[3].startswith(before) and peer.requests[1].texts[3].endswith(after)
    assert [line["event"] for line in events(tmp_path)] == ["reply", "refused", "reply", "stored"]


def test_missing_paths_are_asked_for(tmp_path: Path) -> None:
    with Peer(saying(A, B)) as peer:
        given = answer(question("a.py", "b.py"), NEW, (model(peer),), asking(tmp_path))
    assert (texts(given), given.touched) == ([A, B], ("a.py", "b.py"))
    assert "- b.py" in peer.requests[1].texts[-1] and "- a.py" not in peer.requests[1].texts[-1]


@pytest.mark.parametrize(
    ("said", "error"),
    [
        pytest.param(BROKEN, EditFailed, id="broken"),
        pytest.param(REFUSED, MissingOutputs, id="prose"),
        pytest.param(A, MissingOutputs, id="incomplete"),
    ],
)
def test_after_all_repairs_and_models_the_unit_fails_and_may_be_asked_again(
    said: str, error: type[CodegenError], tmp_path: Path
) -> None:
    with Peer(saying(said)) as peer:
        chain = (model(peer, "openai/one"), model(peer, "openai/two"))
        for run in (1, 2):
            with pytest.raises(error) as failed:
                answer(question("a.py", "b.py"), NEW, chain, asking(tmp_path))
            assert [tried.model for tried in failed.value.attempts] == ["openai/one"] * 3 + ["openai/two"] * 3
            assert len(peer.requests) == 6 * run
    assert {path.name.partition("-")[0] for path in (tmp_path / "store" / "aside").iterdir()} == {"refused"}


def test_refused_replies_stay_paid_while_another_model_may_still_answer(tmp_path: Path) -> None:
    def rule(asked: Question) -> Action:
        return Say(REFUSED) if asked.model == "one" else Refuse(503)

    with Peer(rule) as peer:
        chain = (model(peer, "openai/one"), model(peer, "openai/two", retries=0))
        for _ in range(2):
            with pytest.raises(CodegenError) as failed:
                answer(question("a.py"), NEW, chain, asking(tmp_path))
            assert failed.value.kind == "provider_error"
        assert [asked.model for asked in peer.requests] == ["one"] * 3 + ["two"] * 2


def test_a_cut_off_reply_is_continued_and_never_paid_twice(tmp_path: Path) -> None:
    start, rest = "a.py\n```\n# the first half of a li", "ne\n# the end\n```\n"
    with Peer(saying(Say(start, finish="length"), Refuse(400), rest)) as peer:
        with pytest.raises(ProviderRefused):
            answer(question("a.py"), NEW, (model(peer),), asking(tmp_path))
        given = answer(question("a.py"), NEW, (model(peer),), asking(tmp_path))
    assert texts(given) == [start + rest]
    assert (given.replies[0].input_tokens, given.replies[0].output_tokens) == (200, 40)
    assert [asked.texts[2:3] for asked in peer.requests] == [(), (start,), (start,)]


def test_a_reply_cut_off_for_ever_is_no_answer(tmp_path: Path) -> None:
    with Peer(lambda asked: Say(f"a.py\n```\n# {asked.number}\n", finish="length")) as peer:
        with pytest.raises(EditFailed, match="cut off"):
            answer(question("a.py"), NEW, (model(peer),), asking(tmp_path, repairs=0))
        assert len(peer.requests) == 4


@pytest.mark.parametrize("finish", ["content_filter", "length"])
def test_unusable_replies_are_kept_for_diagnosis_only(finish: str, tmp_path: Path) -> None:
    with Peer(saying(Say(" ", finish=finish))) as peer, pytest.raises(ProviderRefused):
        answer(question("a.py"), NEW, (model(peer),), asking(tmp_path))
    (kept,) = (tmp_path / "store").rglob("unusable-*")
    assert kept.parent.name == "aside"
    assert [path for path in (tmp_path / "store" / "reply").rglob("*") if path.is_file()] == []


def test_a_damaged_reply_is_named_and_asked_for_again(tmp_path: Path) -> None:
    heard: list[str] = []
    with Peer() as peer:
        given = answer(question("a.py"), NEW, (model(peer),), asking(tmp_path))
        name = question_digest(question("a.py"), model(peer))
        path = tmp_path / "store" / "reply" / name[:2] / name
        path.write_bytes(path.read_bytes().replace(b"content", b"contend"))
        again = Asking(Store(tmp_path / "store", tell=heard.append), REPAIR)
        assert answer(question("a.py"), NEW, (model(peer),), again) == given
        assert len(peer.requests) == 2
    assert len(heard) == 1 and name in heard[0]


@pytest.mark.parametrize("variable", ["PEER_KEY", None])
@pytest.mark.parametrize("before", [0, 490])
def test_no_key_in_anything_that_is_kept(
    variable: str | None, before: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with Peer(saying(Refuse(401, "x" * before + KEY))) as peer:
        with pytest.raises(ProviderRefused) as failed:
            answer(question("a.py"), NEW, (model(peer, api_key_env=variable),), asking(tmp_path))
        sent = peer.requests[0].headers.get("authorization")
        assert sent == (None if variable is None else f"Bearer {KEY}")  # whose the peer is, nobody has said
    assert KEY[:5] not in repr(failed.value.failure("generate", "a.py"))
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and KEY[:5] in path.read_text()]


def test_missing_usage_is_counted_and_marked(tmp_path: Path) -> None:
    with Peer(saying(Say(A, usage=None))) as peer:
        (reply,) = answer(question("a.py"), NEW, (model(peer),), asking(tmp_path)).replies
    assert reply.counted
    assert reply.input_tokens > 10 and reply.output_tokens >= 5


def test_a_known_model_has_its_price(tmp_path: Path) -> None:
    spent = Budget()
    with Peer(saying(Say(A, usage=(1000, 100), cached=400))) as peer:
        spec = model(peer, "openai/gpt-4o-mini")
        (reply,) = answer(question("a.py"), NEW, (spec,), asking(tmp_path, budget=spent)).replies
    import litellm

    dollars = litellm.completion_cost(
        {"model": "gpt-4o-mini", "usage": {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100,
                                          "prompt_tokens_details": {"cached_tokens": 400}}}
    )  # fmt: skip
    assert reply.cost_usd == pytest.approx(dollars)
    assert spent.spent == reply.cost_usd


def test_the_budget_stops_before_the_call_it_could_not_pay(tmp_path: Path) -> None:
    with Peer(saying(Say(A, usage=(1000, 100)), Say(B))) as peer:
        spec = model(peer, "openai/gpt-4o-mini", max_output_tokens=1000)
        worst = estimate(question("a.py"), NEW, (spec,), asking(tmp_path, repairs=0), None).worst
        assert worst.cost_usd is not None
        bound = asking(tmp_path, budget=Budget(0.0007))
        answer(question("a.py"), NEW, (spec,), bound)
        with pytest.raises(BudgetExceeded, match=r"b\.py"):
            answer(question("b.py"), NEW, (spec,), bound)
        assert len(peer.requests) == 1


def test_the_budget_counts_what_answers_that_broke_off_may_have_cost(tmp_path: Path) -> None:
    lines = chunked(event({"content": "a line of text\n" * 20_000}))
    with Peer(lambda _: Raw((STREAM_HEAD, lines))) as peer:
        spec = model(peer, "openai/gpt-4.1", max_output_tokens=10_000, retries=5)
        with pytest.raises(BudgetExceeded):
            answer(question("a.py"), NEW, (spec,), asking(tmp_path, budget=Budget(0.09)))
        assert len(peer.requests) == 1
    fault, too_dear = events(tmp_path)
    assert "max_cost_usd" in too_dear["fault"]
    assert (fault["output_tokens"], fault["counted"]) == (75_000, True)
    assert fault["input_tokens"] > 0
    assert fault["cost_usd"] == pytest.approx(75_000 * 8e-6 + fault["input_tokens"] * 2e-6)


def test_a_budget_cannot_be_kept_without_a_price(tmp_path: Path) -> None:
    with Peer() as peer, pytest.raises(BudgetExceeded, match="price"):
        answer(question("a.py"), NEW, (model(peer),), asking(tmp_path, budget=Budget(1.0)))
    assert peer.requests == []


@pytest.mark.parametrize(
    ("first", "limit"),
    [pytest.param("openai/nobody-knows", 1.0, id="no-price"), pytest.param("openai/gpt-4.1", 0.002, id="too-dear")],
)
def test_a_model_that_the_budget_does_not_allow_is_passed_over(first: str, limit: float, tmp_path: Path) -> None:
    with Peer() as peer:
        chain = tuple(model(peer, name, max_output_tokens=1000) for name in (first, "openai/gpt-4o-mini"))
        ours = asking(tmp_path, budget=Budget(limit))
        told = estimate(question("a.py"), NEW, chain, ours, None)
        given = answer(question("a.py"), NEW, chain, ours)
        assert [asked.model for asked in peer.requests] == ["gpt-4o-mini"]
    assert [reply.model for reply in given.replies] == ["openai/gpt-4o-mini"]
    assert told.worst.cost_usd is not None
    assert [(event["event"], event["model"]) for event in events(tmp_path)] == [
        ("too_dear", first),
        ("reply", "openai/gpt-4o-mini"),
    ]


@pytest.mark.parametrize(
    ("action", "kind"),
    [
        pytest.param(Refuse(503), "provider_error", id="passes"),
        pytest.param(Refuse(400), "budget_exceeded", id="refused"),
        pytest.param(Say(REFUSED), "budget_exceeded", id="edits-refuse"),
    ],
)
def test_what_a_unit_ends_with_when_a_model_was_too_dear(action: Action, kind: str, tmp_path: Path) -> None:
    with Peer(lambda _: action) as peer:
        chain = (model(peer, "openai/nobody-knows"), model(peer, "openai/gpt-4o-mini", retries=0))
        with pytest.raises(CodegenError, match="price") as failed:
            answer(question("a.py"), NEW, chain, asking(tmp_path, budget=Budget(9.0), repairs=0))
    assert failed.value.kind == kind
    assert failed.value.attempts[0].model == "openai/nobody-knows"


@pytest.mark.parametrize(
    ("action", "paid"),
    [
        pytest.param(Raw(()), True, id="cut"),
        pytest.param(Raw((), "hang"), True, id="hangs"),
        pytest.param(Raw((STREAM_HEAD,), "hang"), True, id="hangs-after-the-head"),
        pytest.param(Refuse(503), False, id="503"),
        pytest.param(Refuse(401), False, id="401"),
    ],
)
def test_a_question_that_got_lost_may_have_been_billed(action: Action, paid: bool, tmp_path: Path) -> None:
    with Peer(lambda _: action) as peer:
        spec = model(peer, "openai/gpt-4o-mini", retries=0, timeout_s=0.3)
        spent = Budget(1.0)
        with pytest.raises(CodegenError):
            answer(question("a.py"), NEW, (spec,), asking(tmp_path, budget=spent))
    (fault,) = events(tmp_path)
    assert fault.get("input_tokens", 0) == (expected_input_tokens(question("a.py")) if paid else 0)
    assert spent.spent == pytest.approx(fault.get("input_tokens", 0) * 0.15e-6)


@pytest.mark.parametrize("name", ["openai/gpt-4o-mini", "hosted_vllm/m"])
def test_a_question_that_nobody_could_take_costs_nothing(name: str, tmp_path: Path) -> None:
    with Peer() as peer:
        spec = model(peer, name, retries=0)
    with pytest.raises(ProviderError, match="Cannot connect"):
        answer(question("a.py"), NEW, (spec,), asking(tmp_path))
    assert [(event["event"], event.get("input_tokens", 0)) for event in events(tmp_path)] == [("fault", 0)]


BY_LENGTH = (expected_input_tokens(question("a.py")), len(A) // 4)


@pytest.mark.parametrize(
    ("usage", "counts"),
    [((-5, 3), (BY_LENGTH[0], 3)), ((100, -7), (100, 5)), ((10**12, 3), BY_LENGTH), ((100, 10**30), BY_LENGTH)],
    ids=["below nothing", "below nothing out", "too much", "too much out"],
)
def test_usage_that_cannot_be_is_counted_and_marked(
    usage: tuple[int, int], counts: tuple[int, int], tmp_path: Path
) -> None:
    with Peer(lambda _: Say(A, usage=usage)) as peer:
        spent = Budget()
        spec = model(peer, "openai/gpt-4o-mini")
        (reply,) = answer(question("a.py"), NEW, (spec,), asking(tmp_path, budget=spent)).replies
    assert (reply.text, reply.counted) == (A, True)
    assert (reply.input_tokens, reply.output_tokens) == counts
    assert spent.spent == reply.cost_usd == pytest.approx(reply.input_tokens * 0.15e-6 + reply.output_tokens * 0.6e-6)


def test_an_estimate_asks_nobody_and_is_never_too_low(tmp_path: Path) -> None:
    with Peer(saying(Say(REFUSED, usage=(150, 900)), Say("a.py\n```\n# ", finish="length"), "a\n```\n")) as peer:
        chain = (model(peer, "openai/gpt-4o-mini", max_output_tokens=1000),)
        before = estimate(question("a.py"), NEW, chain, asking(tmp_path), None)
        assert (before.stored, before.model, peer.requests) == (False, "openai/gpt-4o-mini", [])
        spent = Budget()
        replies = answer(question("a.py"), NEW, chain, asking(tmp_path, budget=spent)).replies
        asked = len(peer.requests)
        given = stored_answer(question("a.py"), NEW, chain, asking(tmp_path))
        assert estimate(question("a.py"), NEW, chain, asking(tmp_path), given).stored
        assert len(peer.requests) == asked == 3
    assert before.worst.cost_usd is not None and before.expected.cost_usd is not None
    assert spent.spent <= before.worst.cost_usd
    assert before.expected.cost_usd <= before.worst.cost_usd
    assert sum(reply.input_tokens for reply in replies) <= before.worst.input_tokens


def test_an_estimate_is_not_too_low_for_replies_that_are_paid_and_empty(tmp_path: Path) -> None:
    with Peer(lambda _: Say("", usage=(20, 1000))) as peer:
        chain = (model(peer, "openai/gpt-4o-mini", max_output_tokens=1000, retries=9),)
        spent = Budget()
        bound = asking(tmp_path, budget=spent, repairs=0)
        worst = estimate(question("a.py"), NEW, chain, bound, None).worst
        with pytest.raises(ProviderError) as failed:
            answer(question("a.py"), NEW, chain, bound)
    assert len(failed.value.attempts) == 10
    assert worst.cost_usd is not None
    assert spent.spent <= worst.cost_usd
    assert sum(tried.output_tokens for tried in failed.value.attempts) <= worst.output_tokens


def test_anthropic_requests_mark_what_its_cache_may_keep(tmp_path: Path) -> None:
    with Peer(saying(Raw((), "close"))) as peer:
        spec = model(peer, "anthropic/claude-sonnet-4-5", retries=0)
        spec = msgspec.structs.replace(spec, api_base=peer.url.removesuffix("/v1"))
        with pytest.raises(CodegenError):
            answer(question("a.py"), NEW, (spec,), asking(tmp_path))
        sent = peer.requests[0]
    marked = [part.get("cache_control") for part in (sent.body["system"][0], sent.body["messages"][0]["content"][0])]
    assert marked == [{"type": "ephemeral"}] * 2


def test_other_requests_carry_the_messages_as_they_are(tmp_path: Path) -> None:
    request = question("a.py")
    with Peer() as peer:
        answer(request, NEW, (model(peer, temperature=0.5, max_output_tokens=99),), asking(tmp_path))
    sent = peer.requests[0].body
    assert sent["messages"] == [{"role": message.role, "content": message.content} for message in request.messages]
    assert (sent["temperature"], sent["max_tokens"], sent["stream"]) == (0.5, 99, True)


def test_the_end_of_the_run_drops_calls_in_flight(tmp_path: Path) -> None:
    asked = threading.Event()

    def rule(_question: Question) -> Action:
        asked.set()
        return Raw((), "hang")

    with Peer(rule) as peer, ThreadPoolExecutor(1) as threads:
        ours = asking(tmp_path)
        waiting = threads.submit(answer, question("a.py"), NEW, (model(peer, timeout_s=60.0),), ours)
        asked.wait()
        ours.stop.set()
        with pytest.raises(Interrupted):
            waiting.result(timeout=10)


def test_the_end_of_the_run_ends_a_pause(tmp_path: Path) -> None:
    shown: list[str] = []
    ours = asking(tmp_path, backoff_s=60.0)

    def show(progress: Progress) -> None:
        shown.append(progress.state)
        if progress.state == "retrying":
            ours.stop.set()

    ours = asking(tmp_path, backoff_s=60.0, show=show, stop=ours.stop)
    with Peer(saying(Refuse(503))) as peer, pytest.raises(Interrupted):
        answer(question("a.py"), NEW, (model(peer, timeout_s=1000.0),), ours)
    assert shown == ["waiting", "retrying", "failed"]
    assert len(peer.requests) == 1


@pytest.mark.parametrize(("status", "most"), [pytest.param(529, 6, id="down"), pytest.param(429, 12, id="refusing")])
def test_a_model_that_is_down_is_not_asked_by_every_unit(status: int, most: int, tmp_path: Path) -> None:
    def rule(asked: Question) -> Action:
        return Refuse(status) if asked.model == "down" else Say(write_all(asked).text)

    with Peer(rule) as peer:
        chain = (model(peer, "openai/down", retries=2), model(peer, "openai/up"))
        ours = asking(tmp_path, limits=Limits(16, cool_down_s=60.0))
        names = [f"u{n}.py" for n in range(60)]
        with ThreadPoolExecutor(16) as threads:
            given = list(threads.map(lambda name: answer(question(name), {name: None}, chain, ours), names))
        assert {one.replies[-1].model for one in given} == {"openai/up"}
        assert sum(asked.model == "down" for asked in peer.requests) <= most


def test_a_wrong_key_is_not_tried_by_every_unit(tmp_path: Path) -> None:
    with Peer(saying(Refuse(401))) as peer:
        ours = asking(tmp_path, limits=Limits(4))
        names = [f"u{n}.py" for n in range(20)]
        for name in names:
            with pytest.raises(ProviderRefused, match="401"):
                answer(question(name), {name: None}, (model(peer),), ours)
        assert len(peer.requests) == 3


def test_a_provider_that_stands_few_calls_at_once_serves_them_all(tmp_path: Path) -> None:
    def rule(asked: Question) -> Action:
        if asked.beside >= 5:
            return Refuse(429, "too many at once", delay=0.01)
        return Say(write_all(asked).text, delay=0.02)

    with Peer(rule) as peer:
        ours = asking(tmp_path, limits=Limits(16), backoff_s=0.02)
        names = [f"u{n}.py" for n in range(80)]
        with ThreadPoolExecutor(16) as threads:
            given = list(threads.map(lambda n: answer(question(n), {n: None}, (model(peer, retries=5),), ours), names))
    assert [one.touched for one in given] == [(name,) for name in names]


def test_any_program_can_answer(tmp_path: Path) -> None:
    script = tmp_path / "agent.sh"
    script.write_text(
        "#!/bin/sh\ncat > " + str(tmp_path / "prompt") + "\nprintf 'a.py\\n```\\n# by a program\\n```\\n'\n"
    )
    script.chmod(0o755)
    spec = ModelSpec(command=(str(script),), timeout_s=20.0)
    given = answer(question("a.py"), NEW, (spec,), asking(tmp_path))
    assert texts(given) == ["a.py\n```\n# by a program\n```\n"]
    assert (tmp_path / "prompt").read_text() == "You write files.\n\n" + question("a.py").messages[1].content


def test_follow_up_questions_are_questions_of_their_own(tmp_path: Path) -> None:
    with Peer(saying(REFUSED, A)) as peer:
        answer(question("a.py"), NEW, (model(peer),), asking(tmp_path))
        follow_up = tuple(
            Message(role, text)
            for role, text in zip(("system", "user", "assistant", "user"), peer.requests[1].texts, strict=True)
        )
        again = msgspec.structs.replace(question("a.py"), messages=follow_up)
        stored = Store(tmp_path / "store").get_reply(question_digest(again, model(peer)))
    assert stored is not None and stored.text == A


ECHOES = [Say(f"Your key is {KEY}."), Say(f"a.py\n```\n# {KEY.swapcase()}\n```\n"), Say(KEY, finish="content_filter")]


@pytest.mark.parametrize("action", ECHOES, ids=["words", "a file", "a filter"])
def test_a_reply_that_quotes_the_key_is_no_answer_and_kept_without_it(action: Say, tmp_path: Path) -> None:
    with Peer(saying(action)) as peer, pytest.raises(ProviderRefused):
        answer(question("a.py"), NEW, (model(peer, retries=2),), asking(tmp_path))
    assert len(peer.requests) == 1
    kept = [path.read_text() for path in tmp_path.rglob("*") if path.is_file()]
    assert [path.name[:8] for path in (tmp_path / "store" / "aside").iterdir()] == ["unusable"]
    assert not [text for text in kept if KEY.lower() in text.lower()]
