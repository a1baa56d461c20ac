"""Fits the weights of the ranking on real commits: logistic regression over all candidates. Needs numpy.

    python benchmarks/context_fit.py --repos DIR --cache DIR --split dev.jsonl --split dev_novel.jsonl \
      [--more commits.jsonl] --out codegen_tasks/context/weights.json

DIR holds clones named `owner+name`; instances are as `context_commits.py` writes them; those of `--more` count half.
Printed are recall at a budget of tokens (cl100k) for the weights themselves and, as an honest estimate for repositories
that were never seen, for weights fitted without the repository they are tried on.
"""

import argparse
import json
import subprocess
from pathlib import Path

import numpy as np
from context_commits import checkout

from codegen_tasks.context.budget import tokenizer
from codegen_tasks.context.features import FEATURES, VALUES
from codegen_tasks.context.index import open_index
from codegen_tasks.context.rank import candidates

BUDGETS = (2000, 4000, 8000, 16000)
RIDGE = 100.0  # on standardised features


def collect(instance: dict, repos: Path, cache: Path) -> dict:
    """Features, labels and costs of all candidates of an instance, kept in the cache."""
    name = instance["repo"].replace("/", "+")
    at = cache / f"{name}-{instance['commit'][:12]}.npz"
    if not at.exists():
        work = checkout(repos, cache, name, instance["parent"])
        listed = subprocess.run(["git", "-C", work, "ls-files", "-z"], capture_output=True, check=True).stdout
        paths = sorted(path for path in listed.decode(errors="replace").split("\0") if path)
        index = open_index(work, paths, cache / f"{name}.sqlite")
        planned = {p: (work / p).read_bytes() if (work / p).is_file() else None for p in sorted(instance["paths"])}
        truth = {(d["path"], t["name"]): k for k, t in enumerate(instance["truth"]) for d in t["defs"]}
        found = list(candidates(index, planned, instance["message"], VALUES))
        files = {path: number for number, path in enumerate(dict.fromkeys(c.path for c in found))}
        count = tokenizer("cl100k_base")
        np.savez(
            at,
            x=np.array([c.of_file + c.of_name + c.own for c in found], dtype=np.float32).reshape(-1, len(FEATURES)),
            y=np.array([truth.get((c.path, c.definition.name), -1) for c in found], dtype=np.int16),
            cost=np.array([count(f"    {c.definition.signature}\n") for c in found], dtype=np.int16),
            files=np.array([files[c.path] for c in found], dtype=np.int32),
            heads=np.array([count(f"{path}:\n") for path in files], dtype=np.int16),
            novel=np.array([not t["in_planned"] and not t["in_message"] for t in instance["truth"]]),
        )
    return {"repo": name, **np.load(at)}


def fit(data: list[dict]) -> np.ndarray:
    """Weights and, last, the constant, by Newton's method."""
    x, y = np.concatenate([d["x"] for d in data]).astype(float), np.concatenate([d["y"] >= 0 for d in data])
    weight = np.concatenate([np.full(len(d["y"]), d["weight"]) for d in data])
    mean, deviation = x.mean(0), x.std(0) + 1e-6
    z = np.c_[(x - mean) / deviation, np.ones(len(x))]
    beta, ridge = np.zeros(z.shape[1]), np.eye(z.shape[1]) * RIDGE
    beta[-1], ridge[-1, -1] = -4, 0
    for _ in range(25):
        p = 1 / (1 + np.exp(-np.clip(z @ beta, -30, 30)))
        step = np.linalg.solve(
            (z * (weight * p * (1 - p))[:, None]).T @ z + ridge, z.T @ (weight * (p - y)) + ridge @ beta
        )
        beta -= step * min(1, 2 / abs(step).max())
        if abs(step).max() < 1e-4:
            break
    w = beta[:-1] / deviation
    return np.append(w, beta[-1] - (mean * w).sum())


def recall(data: list[dict], weights: list[np.ndarray]) -> np.ndarray:
    """Share of all and of novel symbols shown, a row for each budget."""
    hits, total = np.zeros((len(BUDGETS), 2)), np.zeros(2)
    for d, w in zip(data, weights, strict=True):
        total += len(d["novel"]), d["novel"].sum()
        used, open_, seen = 0, set(), set()
        for j in np.argsort(-(d["x"] @ w[:-1]), kind="stable"):
            file, symbol = int(d["files"][j]), int(d["y"][j])
            used += int(d["cost"][j]) + (0 if file in open_ else int(d["heads"][file]))
            open_.add(file)
            if used > BUDGETS[-1]:
                break
            if symbol >= 0 and symbol not in seen:
                seen.add(symbol)
                hits += np.outer(used <= np.array(BUDGETS), [1, d["novel"][symbol]])
    return hits / total


def show(name: str, found: np.ndarray) -> None:
    columns = (" ".join(f"{value:.3f}" for value in found[:, k]) for k in (0, 1))
    print(f"{name:44}{'   novel '.join(columns)}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repos", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--split", type=Path, action="append", required=True)
    parser.add_argument("--more", type=Path, action="append", default=[])
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    args.cache.mkdir(parents=True, exist_ok=True)
    data = []
    for file, weight in [*((f, 1.0) for f in args.split), *((f, 0.5) for f in args.more)]:
        for line in file.read_text().splitlines():
            made = collect(json.loads(line), args.repos, args.cache)
            if len(made["y"]):
                data.append({**made, "weight": weight, "split": file.name})
    final = fit(data)
    if args.out:
        named = dict(zip((*FEATURES, "bias"), (round(float(value), 4) for value in final), strict=True))
        args.out.write_text(json.dumps(named, indent=1) + "\n")
    judged = [d for d in data if d["weight"] == 1.0]
    apart = {repo: fit([d for d in data if d["repo"] != repo]) for repo in sorted({d["repo"] for d in judged})}
    print(f"{len(data)} instances; recall at {', '.join(map(str, BUDGETS))} tokens")
    for split in dict.fromkeys(d["split"] for d in judged):
        part = [d for d in judged if d["split"] == split]
        show(f"{split}, these weights", recall(part, [final] * len(part)))
        show(f"{split}, without the repository", recall(part, [apart[d["repo"]] for d in part]))


if __name__ == "__main__":
    main()
