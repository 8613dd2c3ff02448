"""Every row of docs/orchestrator-acceptance.md is there, and every test it names exists; so does every test that
docs/reliability.md names for a promise.

A row names its tests in its last cell, between backquotes, as Suite.Case or as a path below the repository. A row of the
former that has none says "not yet" there. Needs the repository's path; nothing beside Python.
"""
import pathlib
import re
import sys

DOCUMENT = "docs/orchestrator-acceptance.md"
PROMISES = "docs/reliability.md"
ROWS = {"O": 48, "W": 46}
FOLDERS = ("tests", "plugins", "plugin-api", "examples")
CASE = re.compile(r"\b(?:TYPED_)?TEST(?:_F|_P)?\(\s*(\w+)\s*,\s*(\w+)\s*\)")
PROMISE = re.compile(r"^\| (?!Promise|---)([^|]+) \|([^|]*)\|\s*$")
ROW = re.compile(r"^\| ([OW])(\d+) \|.*\|([^|]*)\|\s*$")


def cases_of(root):
    """All test cases of the sources, as Suite.Case."""
    found = set()
    for folder in FOLDERS:
        for path in (root / folder).rglob("*.cpp"):
            found.update(".".join(case) for case in CASE.findall(path.read_text(encoding="utf-8", errors="replace")))
    return found


def rows_of(text):
    """(letter, number) -> the last cell."""
    rows = {}
    problems = []
    for line in text.splitlines():
        row = ROW.match(line)
        if row:
            key = (row[1], int(row[2]))
            if key in rows:
                problems.append(f"{key[0]}{key[1]} stands twice")
            rows[key] = row[3].strip()
    return rows, problems


def check_promises(root, cases):
    problems = []
    promises = 0
    for line in (root / PROMISES).read_text(encoding="utf-8").splitlines():
        row = PROMISE.match(line)
        if not row:
            continue
        promises += 1
        names = re.findall(r"`([^`]+)`", row[2])
        if not names:
            problems.append(f"\"{row[1]}\" names no test")
        problems += [f"\"{row[1]}\" names {name}, which no source has" for name in names if name not in cases]
    return problems if promises else ["found no promise"]


def check_rows(root, cases):
    rows, problems = rows_of((root / DOCUMENT).read_text(encoding="utf-8"))
    if not cases:
        problems.append(f"found no test case below {', '.join(FOLDERS)}")
    for letter, count in ROWS.items():
        for number in range(1, count + 1):
            if (letter, number) not in rows:
                problems.append(f"{letter}{number} has no row")
    for (letter, number), cell in rows.items():
        names = re.findall(r"`([^`]+)`", cell)
        if not names and cell != "not yet":
            problems.append(f"{letter}{number} names no test; found \"{cell}\"")
        for name in names:
            if name not in cases and not (root / name).is_file():
                problems.append(f"{letter}{number} names {name}, which no source has")
    return problems


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: acceptance_test.py REPOSITORY")
    root = pathlib.Path(sys.argv[1])
    cases = cases_of(root)
    problems = [f"{DOCUMENT}: {problem}" for problem in check_rows(root, cases)]
    problems += [f"{PROMISES}: {problem}" for problem in check_promises(root, cases)]
    for problem in problems:
        print(problem)
    sys.exit(1 if problems else 0)


main()
