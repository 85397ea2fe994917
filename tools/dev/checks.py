"""What the checkers of this folder share: walking the tree, counting, self-tests."""

import os
import sys
import tempfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
_SKIPPED = ("build", ".venv", ".git", "__pycache__", ".pytest_cache")


def files(root, folders, suffixes):
    """Files below the folders of `root`, relative to it, sorted; no build outputs."""
    found = []
    for folder in folders:
        for path, names, leaves in os.walk(root / folder):
            names[:] = [n for n in names if not n.startswith(_SKIPPED)]
            found += [Path(path, leaf).relative_to(root) for leaf in leaves
                      if leaf.endswith(tuple(suffixes))]
    return sorted(found)


def summarise(checks):
    """Prints the violations of `{check: [violation]}` and the counts; the exit code."""
    for check, violations in sorted(checks.items()):
        for violation in violations:
            print(f"{check}: {violation}")
    failed = sum(bool(violations) for violations in checks.values())
    print(f"{len(checks) - failed} passed, {failed} failed")
    return 1 if failed else 0


def self_test(check, cases):
    """Plants each case's files in an empty tree and looks for its words.

    `cases` maps a name to (files, words): every one of `words` must be a part of
    some violation; without words there must be no violation.
    """
    results = {}
    for name, (planted, words) in cases.items():
        with tempfile.TemporaryDirectory() as folder:
            for path, text in planted.items():
                target = Path(folder, path)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text)
            found = [v for violations in check(Path(folder)).values()
                     for v in violations]
        missed = [f"not found: {w}" for w in words
                  if not any(w in v for v in found)]
        results[f"self-test {name}"] = missed if words else found
    return summarise(results)


def main(check, cases):
    if sys.argv[1:] == ["--self-test"]:
        return self_test(check, cases)
    return summarise(check(REPOSITORY))
