"""Which files hold keys or passwords, told by their names. It reads nothing.

The kinds are those that public lists of sensitive files agree on; docs/design.md says what was left out and why.
"""

import re

_NAMES = frozenset((
    # passwords and tokens of programs
    ".netrc", "_netrc", ".npmrc", ".pypirc", ".yarnrc.yml", ".git-credentials", ".htpasswd", "htpasswd", ".htdigest",
    ".pgpass", "pgpass.conf", ".my.cnf", ".mylogin.cnf", ".s3cfg", ".boto", ".passwd-s3fs", ".dockercfg",
    ".dockerconfigjson", ".vault-token", ".terraformrc", "terraform.rc", "credentials.tfrc.json", "rclone.conf",
    ".rclone.conf", ".smbcredentials", ".wgetrc", ".curlrc", ".renviron", ".databrickscfg", ".sentryclirc", ".msmtprc",
    ".esmtprc",
    ".mbsyncrc", ".fetchmailrc", ".offlineimaprc", ".ftpconfig", "sftp-config.json", "sftp.json", ".ftppass",
    ".remote-sync.json", "filezilla.xml", "recentservers.xml", "sitemanager.xml", "ngrok.yml", "kaggle.json",
    "msal_token_cache.json", "accesstokens.json", "token.json", "token.pickle", "auth.json", "settings-security.xml",
    "datasources.local.xml", "webservers.xml", "local.settings.json", ".dev.vars", "robomongo.json", ".envrc",
    # settings whose purpose is a secret
    "wp-config.php", "localsettings.php", "secret_token.rb", "secrets.yml.key", "keystore.properties",
    "key.properties", "credentials.xml", "hudson.util.secret", "vault.yml", "vault.yaml", "ipsec.secrets",
    "chap-secrets", "pap-secrets", "ldap.secret", "application_default_credentials.json",
    # clusters and clouds
    "kubeconfig", "k3s.yaml", "key.json", "keyfile.json",
    # stores of passwords, of browsers, of coins
    "logins.json", "key3.db", "key4.db", "signons.sqlite", "cookies.sqlite", "cookies.txt", "login data", "wallet.dat",
    "electrum.dat", "otr.private_key", "shadow", "gshadow", "passwd", "master.passwd", "smbpasswd",
    # what was typed
    ".bash_history", ".zsh_history", ".sh_history", ".history", ".psql_history", ".mysql_history", ".sqlite_history",
    ".rediscli_history", ".dbshell", ".python_history", ".node_repl_history", ".irb_history", ".pry_history",
))  # fmt: skip

_ENDINGS = frozenset((
    "pem", "key", "p12", "pfx", "p8", "pkcs12", "jks", "jceks", "keystore", "bks", "ppk", "pvk", "snk", "kdb", "kdbx",
    "psafe3", "kwallet", "keychain", "keychain-db", "agilekeychain", "opvault", "1pif", "enpassdb", "keytab", "ovpn",
    "asc", "gpg", "pgp", "secret", "token", "creds", "credentials", "htpasswd", "passwd", "tfstate", "kubeconfig",
    "publishsettings", "wallet",
))  # fmt: skip

_FOLDERS = frozenset(
    (".ssh", ".gnupg", ".aws", ".azure", ".kube", ".oci", ".aliyun", ".password-store", ".bluemix", ".envs")
)

_PLACES = re.compile(
    r"""(?:^|/)(?:
      \.?config/(?:gcloud/.*|gh/hosts\.yml|hub|glab-cli/config\.yml|doctl/config\.yaml) | \.docker/config\.json
    | \.cargo/credentials(?:\.toml)? | \.gem/credentials | \.m2/settings\.xml | \.gradle/gradle\.properties
    | \.subversion/auth/.* | \.(?:fly|wrangler/config)/[^/]*\.(?:yml|toml) | (?:kubernetes|kubeadm)/[^/]*\.conf
    | wireguard/[^/]*\.conf | \.?(?:cache/)?huggingface/token | \.netlify/config\.json
    | \.?(?:secrets?|credentials?|passwords)/(?:[^/]*/)*
      (?:[^/.]+|[^/]*\.(?:ya?ml|json|toml|env|ini|conf|cfg|properties|txt|xml|csv))
    )$""",
    re.VERBOSE | re.DOTALL,
)

_DATA = r"(?:\.(?:ya?ml|json5?|toml|env|ini|conf|cfg|config|properties|txt|xml|csv|db|plist|rc))?"

_ENV = re.compile(
    r"""\.env(?![a-z]).* | .+\.env
    | .+\.env\.(?:local|prod|production|dev|development|test|testing|ci|stag|stage|staging|private|shared|secrets?)""",
    re.VERBOSE | re.DOTALL,
)

_WORDS = re.compile(
    rf"""(?:.*[._-])?credentials(?:[._-].*?)?{_DATA} | \.?(?:.*[._-])?secrets?(?:[._-][^.]*)?{_DATA}
    | \.?(?:.*[._-])?passwords?(?:[._-][^.]*)?{_DATA} | \.?vault[._-]pass(?:word)?.*
    | client[._-]?secrets?.* | .*service[._-]?account.*\.json | .*firebase-adminsdk.*\.json | gha-creds-.*\.json
    | (?:.*[._-])?(?:gcp|gcloud|google|sa|service)[._-]?key.*\.json | (?:.*[._-])?api[._-]?(?:keys?|tokens?){_DATA}
    | id_(?:rsa|dsa|ecdsa|ed25519|xmss)(?:[._-].*|_sk.*)? | .*[._-](?:rsa|dsa|ecdsa|ed25519)(?:_key)?
    | (?:.*[._-])?(?:private|deploy|ssh|host|secret|signing|server|client|master|encryption)[._-]?key{_DATA}
    | (?:.*[._-])?kubeconfig(?:[._-].*)? | terraform\.tfstate\..* | .*\.tfstate\.\d+.* | wg\d+\.conf | utc--.*
    | mnemonics?{_DATA} | (?:.*[._-])?(?:access|root)[._-]?keys?{_DATA} | .*\.(?:tfvars(?:\.json)?|secrets|pubxml\.user)
    | \.dev\.vars\..* | \.?(?:.*[._-])?token(?:\.(?:txt|json|ini|ya?ml|toml))?""",
    re.VERBOSE | re.DOTALL,
)

_HINT = re.compile(
    "env|secret|cred|passw|vault|key|token|[rd]sa|ed25519|xmss|tfstate|tfvars|kube|account|firebase|gha-|wg\\d|utc--|"
    "mnemonic|pubxml|dev.vars|gcloud|gh/|hub|glab|doctl|docker|m2/|gradle|subversion|fly/|wrangler|wireguard|hugging|"
    "netlify"
)  # what a name must hold to be worth the expressions above: most of a repository's hold none of it
_CODE = frozenset((
    "py", "pyi", "ipynb", "js", "jsx", "mjs", "cjs", "ts", "tsx", "mts", "cts", "vue", "svelte", "go", "rs", "c", "h",
    "cc", "cpp", "hpp", "cs", "java", "kt", "kts", "scala", "swift", "m", "rb", "erb", "php", "pl", "lua", "ex",
    "exs", "erl", "hs", "clj", "dart", "r", "jl", "sh", "bash", "zsh", "fish", "ps1", "bat", "sql", "proto",
    "graphql", "htm", "html", "css", "scss", "less", "md", "mdx", "rst", "adoc", "tf", "hcl", "j2", "lock", "svg",
    "png",
))  # fmt: skip
_COPY = re.compile(r"(?:~|\.(?:bak|backup|old|orig|save|saved|copy|tmp|swp|swo|disabled|\d{1,3}))+$| copy$")
_COPIES = frozenset(("bak", "backup", "old", "orig", "save", "saved", "copy", "tmp", "swp", "swo", "disabled", "enc"))
_SAMPLE = re.compile(r"(?:^|[._-])(?:example|sample|template|tmpl|tpl|dist|schema|baseline)(?:[._-]|$)|\.defaults?$")
_WORDING = re.compile(
    r"(?:^|/)(?:(?:locales?|i18n|l10n|langs?|languages|translations|messages|\.github)/|templates/[^/]*\.ya?ml$)"
)  # words of a user interface, and manifests that name secrets and hold none


def is_secret(path: str) -> bool:
    """Whether a file looks like one that holds keys or passwords. Copies and editors' leavings of one do too."""
    low = path.lower()
    folder, _, name = low.rpartition("/")
    if (folder[:1] == "." or "/." in folder) and not _FOLDERS.isdisjoint(folder.split("/")):
        return True
    ending = name.rpartition(".")[2]
    if not (
        ending in _COPIES or ending.isdigit() or name.endswith(("~", "#", " copy")) or name.startswith(("#", ".#"))
    ):
        return _tells(folder, name, ending)
    plain = _COPY.sub("", name).removeprefix(".#").strip("#").removesuffix(".enc")
    names = [plain, plain.removeprefix(".")] if ending in ("swp", "swo") else [plain]
    return any(_tells(folder, each, each.rpartition(".")[2]) for each in names)


def _tells(folder: str, name: str, ending: str) -> bool:
    if name in _NAMES:
        return not (name == "auth.json" and _WORDING.search(f"{folder}/"))
    if ending in _ENDINGS and ending != name:
        return True
    if ending in _CODE and ".env" not in name:
        return False
    path = f"{folder}/{name}"
    if _HINT.search(path) is None:
        return False
    if _ENV.fullmatch(name):
        return not _SAMPLE.search(name)
    if ending == "pub" or _SAMPLE.search(name) or _WORDING.search(path):
        return False
    return (_WORDS.fullmatch(name) or _PLACES.search(path)) is not None
