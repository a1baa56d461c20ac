"""Draws the last run on a task directory again from three files alone: ready.json, failure.json and events.jsonl.

    python benchmarks/redraw.py TASK_DIRECTORY

It imports nothing of the package: what it knows is what the schemas say, as any consumer's program would.
"""

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any


def last_run(log: Path) -> list[dict[str, Any]]:
    """The events since the last run_begin; a line that is being written is left out."""
    lines = log.read_bytes().split(b"\n")[:-1] if log.exists() else []
    events: list[dict[str, Any]] = [json.loads(line) for line in lines]
    begins = [at for at, event in enumerate(events) if event["event"] == "run_begin"]
    return events[begins[-1] :] if begins else []


def asked(run: list[dict[str, Any]]) -> str:
    """How many units were asked, and what for."""
    units = {event["event"]: set[str]() for event in run} | {"failed": set[str]()}
    for event in run:
        units[event["event"]].add(event.get("unit", ""))
        if event["event"] == "step_end" and event["stage"] == "generate":
            (units["failed"].discard if event["outcome"] == "done" else units["failed"].add)(event["unit"])
    calls = [event for event in run if event["event"] in ("reply", "fault")]
    new = {event["unit"] for event in calls}
    stored = units.get("stored", set()) - new
    total = run[0].get("units", 0)
    ready = run[-1].get("outcome") == "ready"
    counts = {
        "from the store": len(stored),
        "up to date": total - len(new | stored | units["failed"]) if ready else 0,
        "repaired": len(units.get("refused", set()) - units["failed"]),
        "failed": len(units["failed"]),
    }
    facts = [f"{count} {what}" for what, count in counts.items() if count]
    cost = sum(event.get("cost_usd") or 0.0 for event in calls)
    unpriced = any("cost_usd" not in event and event.get("output_tokens") for event in calls)
    if calls:
        known = f"${cost:.2f}" if cost >= 1 or not cost else f"${cost:.4f}"
        facts.append(known if not unpriced else f"{known} and more: a price is not known" if cost else "no price known")
    return ", ".join([f"asked {len(new)} of {total}", *facts])


def draw(task: Path) -> list[str]:
    """The summary, line by line."""
    run = last_run(task / ".codegen/events.jsonl")
    signal = {name: task / "code" / f"{name}.json" for name in ("ready", "failure")}
    state = next((name for name, path in signal.items() if path.exists()), "")
    if not state:
        return ["running" if run and run[-1]["event"] != "run_end" else "neither ready nor failed"]
    told = json.loads(signal[state].read_bytes())
    lines = [asked(run)] if run and run[0].get("units") else []
    if state == "ready":
        diff = told["diff"]
        files = "1 file" if diff["files"] == 1 else f"{diff['files']} files"
        made = f"diff +{diff['insertions']} -{diff['deletions']} in {files}: {diff['path']}"
        applied = ": the working tree has all of it" if told["applied"] else ""
        lines.append(made if diff["files"] else f"diff: empty{applied}")
        if told["checks"]:
            lines.append("checks: " + ", ".join(f"{check['name']} {check['verdict']}" for check in told["checks"]))
        found = [one for one in told["diagnostics"] if one["severity"] != "info"]
        lines += [f"{one['severity']}: {one['path']}: {one['message']} ({one['code']})" for one in found]
        return [*lines, "ready"]
    causes = Counter((one["kind"], one["stage"], one["message"].replace(one["unit"], "")) for one in told["failures"])
    lines += [f"{count} x {kind} in {stage or 'the run'}" for (kind, stage, _), count in sorted(causes.items())]
    checks = {event["check"]: event["outcome"] for event in run if event["event"] == "check"}
    if checks:
        lines.append(f"checks: {', '.join(f'{name} {outcome}' for name, outcome in checks.items())}")
    return [*lines, f"{told['kind']}: next is {told['next']}"]


if __name__ == "__main__":
    print("\n".join(draw(Path(sys.argv[1]))))
