"""From a checked oncall.yaml to all that its policies declare."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from oncall_sync.errors import PolicyErrors, Problem
from oncall_sync.model import Policies

from .config import Config
from .files import gather
from .reading import Document, read
from .resolve import resolve
from .rules_file import load_rules


def load(config: Config, kinds: frozenset[str]) -> Policies:
    """Read every policy file, and the files with rules, and return what they declare together.

    Args:
        config: oncall.yaml, checked.
        kinds: the provider kinds whose adapters are installed.

    Raises:
        PolicyErrors: with everything that is wrong in any file, sorted by file and line.
    """
    documents, problems = gather(config.root, config.policies, config.policies_source)
    rules, wrong = load_rules(config.root, config.policies, config.rules)
    try:
        policies = resolve(
            documents,
            providers={provider.name: provider.kind for provider in config.providers},
            kinds=kinds,
            workspace=config.workspace,
            problems=problems,
        )
    except PolicyErrors as error:
        raise PolicyErrors([*error.problems, *wrong]) from None
    if wrong:
        raise PolicyErrors(wrong)
    return replace(policies, rules=rules)


def loads(
    texts: Mapping[str, str | bytes],
    *,
    providers: Mapping[str, str],
    kinds: frozenset[str] = frozenset(),
    workspace: str | None = None,
) -> Policies:
    """Return what the policy texts (by file name) declare; as `load`, without files.

    Raises:
        PolicyErrors: with everything that is wrong.
    """
    documents: list[Document] = []
    problems: list[Problem] = []
    for file, text in texts.items():
        document, wrong = read(text.encode() if isinstance(text, str) else text, file)
        problems += wrong
        if document is not None:
            documents.append(document)
    return resolve(documents, providers=providers, kinds=kinds, workspace=workspace, problems=problems)
