from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall_sync.errors import PolicyErrors, Problem
from oncall_sync.model import Source
from oncall_sync.policy.api_urls import url_from_environment, url_from_file
from oncall_sync.policy.config import Config, ProviderConfig, load_config
from oncall_sync.policy.wording import WordError

WHOLE = """\
workspace: acme
policies: policies
providers:
  pagerduty: {kind: pagerduty, token_env: PAGERDUTY_TOKEN, region: us}
  opsgenie:  {kind: opsgenie, token_env: OPSGENIE_API_KEY, region: eu}
"""


def load(folder: Path, text: str, environ: dict[str, str] | None = None) -> Config:
    (folder / "oncall.yaml").write_text(text)
    return load_config(folder / "oncall.yaml", environ or {})


def refused(folder: Path, text: str, environ: dict[str, str] | None = None) -> tuple[Problem, ...]:
    with pytest.raises(PolicyErrors) as caught:
        load(folder, text, environ)
    assert all(str(problem).isprintable() for problem in caught.value.problems)
    return caught.value.problems


def one(folder: Path, entry: str, environ: dict[str, str] | None = None) -> ProviderConfig:
    return load(folder, f"workspace: acme\nproviders: {{{entry}}}\n", environ).providers[0]


def test_the_example_of_the_handbook(tmp_path: Path) -> None:
    config = load(tmp_path, WHOLE)
    assert config == Config(
        root=tmp_path.resolve(),
        file="oncall.yaml",
        workspace="acme",
        policies="policies",
        providers=(
            ProviderConfig(
                name="pagerduty", kind="pagerduty", token_env="PAGERDUTY_TOKEN", source=Source("oncall.yaml", 4, 3)
            ),
            ProviderConfig(
                name="opsgenie",
                kind="opsgenie",
                token_env="OPSGENIE_API_KEY",
                region="eu",
                source=Source("oncall.yaml", 5, 3),
            ),
        ),
        policies_source=Source("oncall.yaml", 2, 1),
    )
    assert config.providers[1].source == Source("oncall.yaml", 5, 3)
    assert config.policies_source == Source("oncall.yaml", 2, 1)


def test_defaults(tmp_path: Path) -> None:
    config = load(tmp_path, "workspace: a\nproviders:\n  pagerduty:\n  opsgenie: {}\n  my-jsm: {kind: jsm-ops}\n")
    assert [(p.kind, p.token_env, p.region, p.api_url, p.managed) for p in config.providers] == [
        ("pagerduty", "PAGERDUTY_TOKEN", "us", None, False),
        ("opsgenie", "OPSGENIE_API_KEY", "us", None, False),
        ("jsm-ops", "JSM_OPS_TOKEN", "us", None, False),
    ]
    assert config.policies == "policies"
    assert load(tmp_path, "workspace: a\n").providers == ()
    assert load(tmp_path, "workspace: a\npolicies: ./x//y/\n").policies == "x/y"


def test_other_keys_are_the_adapters_and_not_in_the_repr(tmp_path: Path) -> None:
    entry = one(tmp_path, "pagerduty: {schedules: layered, managed: true, deep: {x: [1]}}")
    assert entry.options == {"schedules": "layered", "deep": {"x": [1]}}
    assert entry.managed is True
    assert "layered" not in repr(entry)


def test_a_missing_file_comes_with_an_example(tmp_path: Path) -> None:
    with pytest.raises(PolicyErrors, match=r"^oncall\.yaml: not found; write one: workspace: acme"):
        load_config(tmp_path / "oncall.yaml", {})


def test_a_config_that_is_not_a_file_inside_its_folder(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    (tmp_path / "real.yaml").write_text(WHOLE)
    (tmp_path / "root/oncall.yaml").symlink_to("../real.yaml")
    with pytest.raises(PolicyErrors, match=r"oncall\.yaml: a link that leaves"):
        load_config(tmp_path / "root/oncall.yaml", {})
    (tmp_path / "root/broken.yaml").symlink_to("nowhere")
    with pytest.raises(PolicyErrors, match="not there"):
        load_config(tmp_path / "root/broken.yaml", {})
    with pytest.raises(PolicyErrors, match="not a regular file"):
        load_config(tmp_path / "root", {})


def test_every_problem_comes_in_one_run(tmp_path: Path) -> None:
    text = """\
workspaces: acme
policies: ../x
policies: y
providers:
  none: {kind: pagerduty}
  pagerduty: {kind: [], region: moon, managed: 1, token_env: secret-token, token: abc}
  pd: {api_url: 'https://evil.example'}
  op: {kind: opsgenie, token_env: PAGERDUTY_TOKEN}
  Bad Name: 7
"""
    found = refused(tmp_path, text, {"OPSGENIE_API_URL": "http://evil.example"})
    assert [(p.line, p.column) for p in found] == [
        (1, 1),
        (1, 1),
        (2, 11),
        (3, 1),
        (5, 3),
        (6, 21),
        (6, 33),
        (6, 48),
        (6, 76),
        (7, 3),
        (7, 17),
        (8, 3),
        (8, 35),
        (9, 3),
        (9, 3),
        (9, 13),
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{}", "no workspace: write one"),
        ("workspace:", "empty"),
        ("workspace: 7", "a number"),
        ("workspace: Acme", "cannot name a workspace"),
        ("workspace: -a", "cannot name a workspace"),
        (f"workspace: {'a' * 41}", "up to 40"),
        ("workspace: \u0661", "cannot name a workspace"),
        ("workspace: a\nproviderz: {}", "did you mean 'providers'?"),
        ("workspace: a\npolicies: /etc", "below this file"),
        ("workspace: a\npolicies: a/../..", "below this file"),
        ("workspace: a\npolicies: ~/x", "below this file"),
        ("workspace: a\npolicies: 'a\\b'", "below this file"),
        ("workspace: a\npolicies: C:/x", "below this file"),
        ('workspace: a\npolicies: "a\\0b"', "below this file"),
        ("workspace: a\npolicies: .", "a folder of their own"),
        ("workspace: a\npolicies: [a]", "a list"),
        ("workspace: a\nproviders: [pagerduty]", "providers are a list"),
        ("workspace: a\nproviders: {pagerduty: x}", "a provider is text here: write {kind: pagerduty}"),
        ("workspace: a\nproviders: {pd: {}}", "no kind"),
        ("workspace: a\nproviders: {pd: {kind: PagerDuty}}", "did you mean 'pagerduty'?"),
        ("workspace: a\nproviders: {none: {kind: pagerduty}}", "none is the word"),
        ("workspace: a\nproviders: {pagerduty: {region: EU}}", "the region is 'EU': write us or eu"),
        ("workspace: a\nproviders: {pagerduty: {region: }}", "the region is empty"),
        ("workspace: a\nproviders: {pagerduty: {managed: yes}}", "managed is text here: write true or false"),
        ("workspace: a\nproviders: {pagerduty: {api_key: x}}", "does not belong in a file"),
        ("workspace: a\nproviders: {pagerduty: {routing_key: x}}", "does not belong in a file"),
        ("workspace: a\nproviders: {pagerduty: {api_url: 5}}", "a number"),
        ("[", "a value is missing"),
    ],
)
def test_problems_say_what_to_write(tmp_path: Path, text: str, says: str) -> None:
    found = refused(tmp_path, text + "\n")
    assert len(found) == 1
    assert says in found[0].message


@pytest.mark.parametrize("name", ["PAGERDUTY_TOKEN", "PAGERDUTY_RO", "PAGERDUTY", "ONCALL_PD"])
def test_token_variables(tmp_path: Path, name: str) -> None:
    assert one(tmp_path, f"pagerduty: {{token_env: {name}}}").token_env == name


@pytest.mark.parametrize(
    "name",
    [
        "AWS_SECRET_ACCESS_KEY",
        "OPSGENIE_API_KEY",
        "ONCALL",
        "pagerduty_token",
        "PAGERDUTY_TOKEN=x",
        "u+Zz9Token",
        "1",
    ],
)
def test_other_variables_are_refused_and_not_shown(tmp_path: Path, name: str) -> None:
    (problem,) = refused(tmp_path, f"workspace: a\nproviders: {{pagerduty: {{token_env: {name}}}}}\n")
    assert "PAGERDUTY_TOKEN" in problem.message
    assert name in ("1", "ONCALL") or name.removeprefix("PAGERDUTY_TOKEN") not in problem.message


def test_the_environments_address_goes_first(tmp_path: Path) -> None:
    entry = "pagerduty: {api_url: 'http://127.0.0.1:8080/'}, pagerduty-eu: {kind: pagerduty}, opsgenie: "
    text = f"workspace: a\nproviders: {{{entry}}}\n"
    assert [p.api_url for p in load(tmp_path, text).providers] == ["http://127.0.0.1:8080", None, None]
    environ = {"PAGERDUTY_API_URL": "https://Proxy.corp:8443/PagerDuty/", "OPSGENIE_API_URL": ""}
    proxied = "https://proxy.corp:8443/PagerDuty"
    assert [p.api_url for p in load(tmp_path, text, environ).providers] == [proxied, proxied, None]


@pytest.mark.parametrize(
    ("kind", "text", "url"),
    [
        ("pagerduty", "https://api.pagerduty.com", "https://api.pagerduty.com"),
        ("pagerduty", "https://api.eu.pagerduty.com/", "https://api.eu.pagerduty.com"),
        ("pagerduty", "HTTPS://API.PagerDuty.com:443", "https://api.pagerduty.com:443"),
        ("opsgenie", "https://api.opsgenie.com", "https://api.opsgenie.com"),
        ("opsgenie", "https://api.eu.opsgenie.com", "https://api.eu.opsgenie.com"),
        ("opsgenie", "http://127.0.0.1:8080/", "http://127.0.0.1:8080"),
        ("opsgenie", "https://127.255.0.9", "https://127.255.0.9"),
        ("opsgenie", "http://localhost:08080", "http://localhost:8080"),
        ("jsm", "http://[::1]:80", "http://[::1]:80"),
    ],
)
def test_addresses_that_a_file_may_name(kind: str, text: str, url: str) -> None:
    assert url_from_file(kind, text) == url


TRICKS = [
    "http://127.0.0.1@evil.example",
    "https://api.pagerduty.com@evil.example",
    "https://api.pagerduty.com:x@evil.example",
    "https://api.pagerduty.com.evil.example",
    "https://api.pagerduty.com\\.evil.example",
    "https:\\\\api.pagerduty.com",
    "https://api.pagerduty.com.",
    "https://api.pagerduty.com#@evil.example",
    "https://api.pagerduty.com?x=1",
    "https://api.pagerduty.com/users",
    "https://api.pagerduty.com:8443",
    "https://api.pagerduty.com:",
    "https://api.pagerduty.com\n",
    " https://api.pagerduty.com",
    "https://api%2epagerduty.com",
    "http://api.pagerduty.com",
    "//api.pagerduty.com",
    "ftp://api.pagerduty.com",
    "file:///etc/passwd",
    "https://api.opsgenie.com",
    "https://\u1d43pi.pagerduty.com",
    "https://api.pagerduty\u3002com",
    "http://127.0.0.1.evil.example",
    "http://127.0.0.1:80.evil.example",
    "http://127.1",
    "http://0177.0.0.1",
    "http://2130706433",
    "http://0x7f000001",
    "http://127.0.0.\u0661",
    "http://\u2460\u2461\u2466.0.0.1",
    "http://128.0.0.1",
    "http://0.0.0.0",
    "http://[::]",
    "http://[::1%25eth0]",
    "http://[::ffff:127.0.0.1]",
    "http://[::ffff:8.8.8.8]",
    "http://[::1].evil.example",
    "http://[1",
    "http://localhost.evil.example",
    "http://localhost.",
    "http://evil.localhost",
    "http://loc\u017fhost",
    "http://localhost:0",
    "http://localhost:99999",
    "http://-a.localhost",
    "http://..",
    "http://",
    "x" * 10_000,
]


@pytest.mark.parametrize("text", TRICKS)
def test_addresses_that_a_file_may_not_name(text: str) -> None:
    with pytest.raises(WordError):
        url_from_file("pagerduty", text)


def test_an_unknown_kind_stays_on_this_machine() -> None:
    with pytest.raises(WordError, match=r"http://127.0.0.1:PORT, or set JSM_OPS_API_URL"):
        url_from_file("jsm-ops", "https://api.pagerduty.com")


@pytest.mark.parametrize(
    "text", ["http://evil.example", "https://user:hunter2@proxy", "hunter2", "https://a?hunter2", ""]
)
def test_addresses_in_the_environment_are_checked_and_never_shown(text: str) -> None:
    with pytest.raises(WordError) as caught:
        url_from_environment(text)
    assert "hunter2" not in str(caught.value)


def test_a_problem_with_the_environment_names_the_variable(tmp_path: Path) -> None:
    (problem,) = refused(tmp_path, "workspace: a\nproviders: {opsgenie: }\n", {"OPSGENIE_API_URL": "http://evil"})
    assert problem.message.startswith("OPSGENIE_API_URL in the environment: it would send the token unencrypted")
    assert (problem.line, problem.column) == (2, 13)


@given(st.text(), st.sampled_from(["pagerduty", "opsgenie", "jsm"]))
def test_any_text_is_an_allowed_address_or_refused(text: str, kind: str) -> None:
    said = ""
    for parse in (lambda: url_from_file(kind, text), lambda: url_from_environment(text)):
        try:
            said += parse()
        except WordError as error:
            said += str(error)
    assert said.isprintable()


@given(content=st.binary(max_size=100))
def test_any_bytes_are_a_config_or_problems(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("any") / "oncall.yaml"
    path.write_bytes(content)
    with pytest.raises(PolicyErrors):
        load_config(path, {})
