# ruff: noqa: E501 (a table)
"""Which kinds of secrets are found in text, how often something else is taken for one, and what a megabyte costs.

    python benchmarks/secret_kinds.py [FOLDER ...]     FOLDERs of real code are read for false masks

The secrets are made up, from an alphabet and a seed: none was ever valid.
"""

import random
import string
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from codegen_tasks.context.masking import find_secrets

ALNUM, LOWER, UPPER, HEX = (
    string.ascii_letters + string.digits,
    string.ascii_lowercase,
    string.ascii_uppercase,
    "0123456789abcdef",
)
BASE32, BASE64, URL = string.ascii_uppercase + "234567", ALNUM + "+/", ALNUM + "-_"


def made(chance: random.Random, alphabet: str, size: int) -> str:
    return "".join(chance.choices(alphabet, k=size))


def kinds(seed: int) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Kind, a text that holds it, and the parts that must not be sent."""
    c = random.Random(seed)
    m = lambda alphabet, size: made(c, alphabet, size)  # noqa: E731
    digits = string.digits
    aws, awss = "AKIA" + m(BASE32, 16), m(BASE64, 40)
    yield "aws pair", f"aws_access_key_id = {aws}\naws_secret_access_key = {awss}\n", (aws, awss)
    aws = "AKIA" + m(BASE32, 16)
    yield "aws id alone", f'client = boto3.client("s3", aws_access_key_id="{aws}")\n', (aws,)
    awss = m(BASE64, 40)
    yield "aws secret alone", f'AWS_SECRET_ACCESS_KEY="{awss}"\n', (awss,)
    for kind, value, text in (
        ("github pat", "ghp_" + m(ALNUM, 36), 'token = "{}"'),
        ("github fine-grained", "github_pat_" + m(ALNUM, 22) + "_" + m(ALNUM, 59), "GITHUB_TOKEN={}"),
        ("github oauth", "gho_" + m(ALNUM, 36), "Authorization: token {}"),
        ("github app", "ghs_" + m(ALNUM, 36), "app: {}"),
        ("gitlab pat", "glpat-" + m(URL, 20), "PRIVATE-TOKEN: {}"),
        ("gitlab runner", "glrt-" + m(URL, 20), "token = '{}'"),
        ("slack bot", f"xoxb-{m(digits, 12)}-{m(digits, 12)}-{m(ALNUM, 24)}", "SLACK = '{}'"),
        (
            "slack webhook",
            f"https://hooks.slack.com/services/T{m(UPPER + digits, 8)}/B{m(UPPER + digits, 10)}/{m(ALNUM, 24)}",
            "url: {}",
        ),
        ("discord bot", f"M{m(ALNUM, 23)}.{m(ALNUM, 6)}.{m(URL, 27)}", 'DISCORD_TOKEN = "{}"'),
        ("stripe live", "sk_live_" + m(ALNUM, 24), "stripe.api_key = '{}'"),
        ("stripe restricted", "rk_live_" + m(ALNUM, 24), "key: {}"),
        ("openai project", "sk-proj-" + m(URL, 74) + "T3BlbkFJ" + m(URL, 74), "OPENAI_API_KEY={}"),
        ("openai old", "sk-" + m(ALNUM, 20) + "T3BlbkFJ" + m(ALNUM, 20), 'openai.api_key = "{}"'),
        ("anthropic", "sk-ant-api03-" + m(URL, 93) + "AA", "ANTHROPIC_API_KEY={}"),
        ("google api key", "AIza" + m(URL, 35), "key={}"),
        ("google oauth secret", "GOCSPX-" + m(URL, 28), 'client_secret: "{}"'),
        ("gcp service account key id", m(HEX, 40), '"private_key_id": "{}"'),
        ("azure client secret", m(ALNUM, 3) + "8Q~" + m(ALNUM + "._~-", 34), "AZURE_CLIENT_SECRET={}"),
        (
            "azure storage",
            m(BASE64, 86) + "==",
            "DefaultEndpointsProtocol=https;AccountName=a;AccountKey={};EndpointSuffix=core.windows.net",
        ),
        (
            "azure sas",
            m(BASE64.replace("+", "").replace("/", ""), 43) + "%3D",
            "https://a.blob.core.windows.net/c?sv=2022-11-02&sp=r&sig={}",
        ),
        ("twilio", "SK" + m(HEX, 32), 'twilio_key = "{}"'),
        ("sendgrid", f"SG.{m(URL, 22)}.{m(URL, 43)}", "SENDGRID={}"),
        ("mailgun", "key-" + m(HEX, 32), "mailgun_api_key: {}"),
        ("npm", "npm_" + m(ALNUM, 36), "//registry.example.org/:_authToken={}"),
        ("pypi", "pypi-AgEIcHlwaS5vcmc" + m(URL, 80), "password = {}"),
        ("docker hub", "dckr_pat_" + m(URL, 27), "DOCKER_PASSWORD={}"),
        ("hugging face", "hf_" + m(ALNUM, 34), "login(token='{}')"),
        ("databricks", "dapi" + m(HEX, 32), "DATABRICKS_TOKEN={}"),
        ("digitalocean", "dop_v1_" + m(HEX, 64), "DO_TOKEN={}"),
        ("heroku", f"{m(HEX, 8)}-{m(HEX, 4)}-4{m(HEX, 3)}-a{m(HEX, 3)}-{m(HEX, 12)}", "HEROKU_API_KEY={}"),
        ("shopify", "shpat_" + m(HEX, 32), "SHOPIFY: {}"),
        ("square", "EAAA" + m(URL, 60), "SQUARE_ACCESS_TOKEN={}"),
        ("telegram", f"{m('123456789', 1)}{m(digits, 8)}:AA{m(URL, 33)}", "TELEGRAM_BOT_TOKEN={}"),
        ("vault", "hvs." + m(URL, 95), "VAULT_TOKEN={}"),
        ("linear", "lin_api_" + m(ALNUM, 40), "LINEAR={}"),
        ("new relic", "NRAK-" + m(UPPER + digits, 27), "NEW_RELIC_API_KEY={}"),
        ("datadog", m(HEX, 32), "DD_API_KEY={}"),
        ("sentry dsn", m(HEX, 32), "SENTRY_DSN=https://{}@o1.ingest.sentry.io/2"),
        ("jwt", f"eyJ{m(URL, 33)}.eyJ{m(URL, 60)}.{m(URL, 43)}", "token: {}"),
        ("bearer header", m(URL, 40), "Authorization: Bearer {}"),
        ("basic header", m(BASE64, 38) + "==", "Authorization: Basic {}"),
        ("postgres url", m(ALNUM, 16), "DATABASE_URL=postgres://app:{}@db.example.org:5432/app"),
        ("mongodb url", m(ALNUM, 14), 'MONGO = "mongodb+srv://root:{}@cluster0.example.net/test"'),
        ("redis url", m(ALNUM, 18), "redis://:{}@cache.example.org:6379/0"),
        ("amqp url", m(ALNUM, 12), "amqp://guest2:{}@mq.example.org/"),
        ("https url with a password", m(ALNUM, 20), "git clone https://bot:{}@git.example.org/a.git"),
        ("django key", m(ALNUM + "!@#$%^&*(-_=+)", 50), "SECRET_KEY = '{}'"),
        ("flask key", m(HEX, 48), 'app.config["SECRET_KEY"] = "{}"'),
        ("password in code", m(ALNUM + "!@#$%", 16), 'password = "{}"'),
        ("password in yaml", m(ALNUM + "!@#$%", 14), "db_password: {}"),
        ("password in a command", m(ALNUM, 14), "mysql --user=app --password={} app"),
        ("pgp or ssh passphrase", m(ALNUM, 18), "SSH_PASSPHRASE={}"),
        ("generic api key", m(ALNUM, 32), 'apiKey: "{}"'),
        ("generic client secret", m(ALNUM, 32), '"clientSecret": "{}"'),
        ("okta", "00" + m(URL, 40), "OKTA_API_TOKEN={}"),
        ("age", "AGE-SECRET-KEY-1" + m("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", 58), "{}"),
        ("wireguard", m(BASE64, 43) + "=", "PrivateKey = {}"),
        ("kubernetes data", m(BASE64, 48), "  password: {}"),
        ("cloudflare", m(URL, 40), "CLOUDFLARE_API_TOKEN={}"),
    ):
        yield kind, text.format(value) + "\n", (value,)
    for name in ("RSA PRIVATE KEY", "OPENSSH PRIVATE KEY", "EC PRIVATE KEY", "PRIVATE KEY", "PGP PRIVATE KEY BLOCK"):
        lines = [m(BASE64, 64) for _ in range(6)]
        body = "\n".join(lines)
        yield name.lower(), f"-----BEGIN {name}-----\n{body}\n-----END {name}-----\n", tuple(lines)
    lines = [m(BASE64, 64) for _ in range(4)]
    body = "\\n".join(lines)
    yield (
        "key in a json string",
        f'"private_key": "-----BEGIN PRIVATE KEY-----\\n{body}\\n-----END PRIVATE KEY-----\\n"\n',
        tuple(lines),
    )


PADDING = "def area(radius):\n    return 3.14159 * radius ** 2\n\n\n"


def missed(text: str, parts: tuple[str, ...]) -> list[str]:
    for secret in find_secrets(text):
        text = text.replace(secret.value, "…")
    return [part for part in parts if part in text]


def main() -> None:
    total, found, lost = 0, 0, dict[str, int]()
    for seed in range(5):
        for kind, text, parts in kinds(seed):
            total += 1
            if missed(PADDING + text + PADDING, parts):
                lost[kind] = lost.get(kind, 0) + 1
            else:
                found += 1
    print(f"kinds {total // 5}, seeds 5: found {found} of {total}")
    for kind, times in sorted(lost.items()):
        print(f"  missed {times} of 5: {kind}")
    for folder in map(Path, sys.argv[1:]):
        sizes, hits, began = 0, list[tuple[str, str, str]](), time.process_time()
        for path in sorted(folder.rglob("*")):
            if (
                path.is_file()
                and not path.is_symlink()
                and ".git" not in path.parts
                and path.stat().st_size < 2_000_000
            ):
                data = path.read_bytes()
                if b"\0" not in data[:8000]:
                    sizes += len(data)
                    hits += [
                        (str(path.relative_to(folder)), s.kind, s.value)
                        for s in find_secrets(data.decode(errors="replace"))
                    ]
        cost = time.process_time() - began
        mega = sizes / 1e6
        print(
            f"{folder.name}: {mega:.1f} MB, {len(hits)} hits, {len(hits) / mega:.2f} per MB, {1000 * cost / mega:.0f} ms CPU per MB"
        )
        for hit in hits[:40]:
            print("  ", *hit)


if __name__ == "__main__":
    main()
