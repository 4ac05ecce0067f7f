"""The rules of the house, read off the tree: floors, sizes, notebooks, files, pins.

Each rule is a function from text to a list of offences, so that it can also be shown a planted one.
"""

import ast
import itertools
import json
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import imganalytics

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "imganalytics"

FLOORS = ["vocabulary errors result paths", "statistics", "warehouse", "own", "studies", "charts", "export",
          "explorers", "lab", "cli_import cli_export cli_deck cli"]
FLOOR_OF = {room: level for level, rooms in enumerate(FLOORS) for room in rooms.split()}
EXEMPT = {"__init__", "__main__"}  # the front doors

TOP_LEVEL = set("""notebooks datasets imganalytics tests environment.yml README.md pyproject.toml Makefile
                   LICENSE CHANGELOG.md requirements.lock .ci .gitignore .gitattributes""".split())
MAX_MODULE_LINES, MAX_FUNCTION_LINES = 400, 50
MAX_CELLS, MAX_CELL_LINES = 30, 6
MAX_FILE_BYTES, MAX_TREE_BYTES = 5_000_000, 20_000_000

SQL = re.compile(r"""\bSELECT\b.+?FROM\b|["']\s*select\b.+?from\b""", re.DOTALL)
PATH = re.compile(r"""\bPath\(|\bopen\(|["'](?:\.{0,2}/|~/|[A-Za-z]:[\\/])"""
                  r"""|[\w-]\.(?:csv|json|duckdb|xlsx|pptx|pdf|png|svg|html)["']""")
CDN = re.compile(r"""\bcdn\.|include_plotlyjs\s*=\s*["']cdn""")
ADDRESS = re.compile(r"https?:|--(?:extra-)?index|--find-links|--trusted-host|file:| @ ", re.IGNORECASE)
PIN = re.compile(r"(?P<name>[A-Za-z0-9._-]+)==(?P<version>[A-Za-z0-9.+!]+)(?: ; (?P<marker>.+))?")


def tracked() -> list[Path]:
    """Every file under version control; outside a git checkout, every file but caches and hidden folders."""
    git = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if git.returncode == 0:
        files = map(ROOT.joinpath, filter(None, git.stdout.split("\0")))
    else:
        hidden = re.compile(r"^(\.(?!ci$).*|__pycache__|build|dist)$")
        files = (file for file in ROOT.rglob("*")
                 if not any(map(hidden.match, file.relative_to(ROOT).parts[:-1])))
    return [file for file in files if file.is_file()]


def modules() -> dict[str, str]:
    """Dotted name (packages end in ``.__init__``) -> source of each module of the package."""
    found = {".".join(file.relative_to(ROOT).with_suffix("").parts): file.read_text("utf-8")
             for file in sorted(PACKAGE.rglob("*.py"))}
    assert len(found) >= 3, "the package's modules were not found"
    return found


def notebooks() -> dict[str, dict]:
    """File name -> content of each notebook."""
    return {file.name: json.loads(file.read_text("utf-8"))
            for file in sorted((ROOT / "notebooks").glob("*.ipynb"))}


def every(rule, texts: dict) -> list[str]:
    """The offences of all of ``texts`` against ``rule(name, text)``, each with its name before it."""
    return [f"{name}: {offence}" for name, text in texts.items() for offence in rule(name, text)]


# Floors --------------------------------------------------------------------------------------------------


def imported(module: str, source: str) -> Iterator[tuple[int, str]]:
    """Line and dotted name of all that a module imports, in functions and by ``import_module("...")`` too."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = module.split(".")[: -node.level] if node.level else []
            base += node.module.split(".") if node.module else []
            yield from ((node.lineno, _home(".".join([*base, alias.name]))) for alias in node.names)
        elif isinstance(node, ast.Constant) and re.fullmatch(r"imganalytics(\.\w+)+", str(node.value)):
            yield node.lineno, node.value


def _home(name: str) -> str:
    """``imganalytics.connect`` is only another name of what lives in ``imganalytics.warehouse``."""
    package, _, rest = name.partition(".")
    return imganalytics._HOMES.get(rest, name) if package == "imganalytics" else name


def upward_imports(module: str, source: str) -> list[str]:
    room = module.split(".")[1]
    if room in EXEMPT:
        return []
    if room not in FLOOR_OF:
        return [f"stands on no floor; the floors are {FLOORS}"]
    targets = [(line, name.split(".")[1]) for line, name in imported(module, source)
               if name.startswith("imganalytics.")]
    return [f"line {line} imports {target}, which is not below {room}" for line, target in targets
            if FLOOR_OF.get(target, -1) > FLOOR_OF[room]]


def sql_in_charts(module: str, source: str) -> list[str]:
    if module.split(".")[1] != "charts":
        return []
    offences = [f"line {line} imports {name}" for line, name in imported(module, source)
                if name.startswith(("duckdb", "imganalytics.warehouse"))]
    return offences + ["holds SQL"] * bool(SQL.search(source))


def test_modules_import_only_from_floors_below():
    assert every(upward_imports, modules()) == []


def test_charts_do_no_sql():
    assert every(sql_in_charts, modules()) == []


def test_planted_upward_imports_are_found():
    def offences(source: str, module: str = "imganalytics.studies.trends") -> int:
        return len(upward_imports(module, source))

    assert offences("from imganalytics.charts import theme") == 1
    assert offences("import imganalytics.cli") == 1
    assert offences("from imganalytics import explorers, warehouse") == 1
    assert offences("def f():\n    from ..charts.theme import x") == 1
    assert offences("from . import rates\nfrom .. import paths") == 0
    assert offences("import_module('imganalytics.export')") == 1
    assert offences("from imganalytics.statistics import wilson\nimport pandas") == 0
    assert offences("from imganalytics import competitiveness", "imganalytics.warehouse.build") == 1
    assert offences("from .studies import x", "imganalytics.result") == 1
    assert offences("from ..studies import x", "imganalytics.statistics.__init__") == 1
    assert offences("", "imganalytics.attic") == 1


def test_planted_sql_in_a_chart_is_found():
    assert sql_in_charts("imganalytics.charts.trends", "import duckdb")
    assert sql_in_charts("imganalytics.charts.trends", "from imganalytics import connect")
    assert sql_in_charts("imganalytics.charts.trends", "q = 'SELECT 1\\nFROM t'")
    assert not sql_in_charts("imganalytics.charts.trends", "import plotly")


# Sizes, docstrings, types --------------------------------------------------------------------------------


def too_long(_: str, source: str) -> list[str]:
    lines = source.count("\n")
    functions = [node for node in ast.walk(ast.parse(source))
                 if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return [f"{lines} lines, allowed {MAX_MODULE_LINES}"] * (lines > MAX_MODULE_LINES) + [
        f"{node.name} has {length} lines, allowed {MAX_FUNCTION_LINES}" for node in functions
        if (length := node.end_lineno - node.lineno + 1) > MAX_FUNCTION_LINES]


def public(body: list[ast.stmt]) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    """Public functions and classes of a module, and the public methods of these classes."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name[0] != "_":
            yield node
            if isinstance(node, ast.ClassDef):
                yield from public(node.body)


def undescribed(_: str, source: str) -> list[str]:
    offences = []
    for node in public(ast.parse(source).body):
        accessor = any(getattr(each, "attr", "") in ("setter", "deleter") for each in node.decorator_list)
        if not ast.get_docstring(node) and not accessor:  # a property is described once, where it is read
            offences.append(f"{node.name} has no docstring")
        if not isinstance(node, ast.ClassDef) and (untyped := _untyped(node)):
            offences.append(f"{node.name} has no type for {', '.join(untyped)}")
    return offences


def _untyped(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    given = function.args
    arguments = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
    names = [each.arg for each in arguments
             if each and not each.annotation and each.arg not in ("self", "cls")]
    return names + ["what it returns"] * (function.returns is None)


def test_modules_and_functions_are_short():
    assert every(too_long, modules()) == []


def test_public_things_have_a_docstring_and_types():
    assert every(undescribed, modules()) == []


def test_planted_long_and_undescribed_things_are_found():
    long_function = "def f():\n" + "    x = 1\n" * 50
    assert too_long("m", long_function) == ["f has 51 lines, allowed 50"]
    assert too_long("m", "x = 1\n" * 401) == ["401 lines, allowed 400"]
    assert undescribed("m", "def f(a: int, *b) -> int:\n    'Says.'") == ["f has no type for b"]
    assert undescribed("m", "class A:\n    'Says.'\n    def g(self): ...") == [
        "g has no docstring", "g has no type for what it returns"]
    assert undescribed("m", "@a.setter\ndef a(self, b: int) -> None: ...") == []
    assert undescribed("m", "def _f(a): ...\nclass _A:\n    def g(self): ...") == []


# Notebooks -----------------------------------------------------------------------------------------------


def notebook_offences(_: str, notebook: dict) -> list[str]:
    cells = notebook["cells"]
    offences = [f"{len(cells)} cells, allowed {MAX_CELLS}"] * (len(cells) > MAX_CELLS)
    offences += ["holds the state of its widgets"] * ("widgets" in notebook["metadata"])
    return offences + [f"cell {number}: {offence}" for number, cell in enumerate(cells, 1)
                       if cell["cell_type"] == "code" for offence in _cell_offences(cell)]


def _cell_offences(cell: dict) -> list[str]:
    source = "".join(cell["source"])
    metadata = cell["metadata"]
    kept = "keep_output" in metadata.get("tags", [])
    lines = len(source.splitlines())
    rules = {
        f"{lines} lines, allowed {MAX_CELL_LINES}": lines > MAX_CELL_LINES,
        "defines a function or class": re.search(r"^\s*(async\s+def|def|class)\b", source, re.MULTILINE),
        "holds SQL": SQL.search(source),
        "names a file": PATH.search(source),
        "its source is not hidden": metadata.get("jupyter", {}).get("source_hidden") is not True,
        "has outputs (make strip)": cell["outputs"] and not kept,
        "has an execution count (make strip)": cell["execution_count"] is not None and not kept,
    }
    return [offence for offence, broken in rules.items() if broken]


def test_notebooks_are_thin_and_stripped():
    assert every(notebook_offences, notebooks()) == []


def test_planted_offences_in_a_notebook_are_found():
    def offences(source: str = "x", **changes) -> list[str]:
        cell = {"cell_type": "code", "source": source, "metadata": {"jupyter": {"source_hidden": True}},
                "outputs": [], "execution_count": None} | changes
        return notebook_offences("n", {"cells": [cell], "metadata": {}})

    assert offences("lab.explore(match_year=2025)\nf'{x:.1%} a/b'") == []
    assert offences("x\n" * 7) == ["cell 1: 7 lines, allowed 6"]
    assert offences("def f(): ...") == ["cell 1: defines a function or class"]
    for sql in ("sql('select a from b')", "sql('''WITH a AS (SELECT b\nFROM c)''')"):
        assert offences(sql) == ["cell 1: holds SQL"]
    assert offences("'Select one'\nfrom imganalytics import x") == []
    for path in ("'../datasets'", '"a.csv"', "Path(x)", r"'C:\x'", "'/tmp'", "'data/match.csv'"):
        assert offences(path) == ["cell 1: names a file"], path
    assert offences(metadata={}) == ["cell 1: its source is not hidden"]
    assert len(offences(outputs=[{}], execution_count=1)) == 2
    kept = {"jupyter": {"source_hidden": True}, "tags": ["keep_output"]}
    assert offences(outputs=[{}], execution_count=1, metadata=kept) == []
    full = {"cells": [{"cell_type": "markdown"}] * 31, "metadata": {"widgets": {}}}
    assert notebook_offences("n", full) == [
        "31 cells, allowed 30", "holds the state of its widgets"]


# Files ---------------------------------------------------------------------------------------------------


def misplaced(names: list[str]) -> list[str]:
    return sorted({name.split("/")[0] for name in names} - TOP_LEVEL
                  | {name for name in names if name.endswith((".duckdb", ".pdf"))})


def test_nothing_lies_where_it_should_not():
    files = tracked()
    assert misplaced([file.relative_to(ROOT).as_posix() for file in files]) == []
    sizes = {file.relative_to(ROOT).as_posix(): file.stat().st_size for file in files}
    assert {name: size for name, size in sizes.items() if size > MAX_FILE_BYTES} == {}
    assert sum(sizes.values()) < MAX_TREE_BYTES


def test_planted_files_are_found():
    assert misplaced(["notes.txt", "datasets/a.csv", "datasets/a.pdf", "tests/x.duckdb", ".ci/run"]) == [
        "datasets/a.pdf", "notes.txt", "tests/x.duckdb"]


def test_nothing_is_loaded_from_a_cdn():
    shown = [file for file in tracked() if file.relative_to(ROOT).parts[0] in ("imganalytics", "notebooks")]
    offenders = [str(file) for file in shown if CDN.search(file.read_text("utf-8", errors="ignore"))]
    assert offenders == []
    assert CDN.search('write_html(include_plotlyjs="cdn")') and CDN.search("https://cdn.plot.ly/un/")


# Pins ----------------------------------------------------------------------------------------------------


def lock_offences(lock: str) -> list[str]:
    pins = [line for line in lock.splitlines() if not line.startswith("#")]
    return [f"not name==version: {line}" for line in pins if not PIN.fullmatch(line)] + [
        f"names an address: {line}" for line in lock.splitlines() if ADDRESS.search(line)] + [
        f"not wanted: {line}" for line in pins if line.startswith("torch")]


def unexplained(pyproject: str) -> list[str]:
    """Direct dependencies whose line in pyproject.toml gives no reason."""
    return [name for name in direct(pyproject)
            if not re.search(rf'^\s*"{re.escape(name)}\b[^"]*",?\s*#\s*\w+', pyproject, re.MULTILINE)]


def direct(pyproject: str) -> list[str]:
    """Names of the dependencies, the optional ones included."""
    project = tomllib.loads(pyproject)["project"]
    groups = [project["dependencies"], *project.get("optional-dependencies", {}).values()]
    return [Requirement(text).name for text in itertools.chain(*groups)]


def pins_for(lock: str, **machine: str) -> dict[str, list[str]]:
    """Name -> versions that the lock gives on a machine described by environment markers."""
    pins: dict[str, list[str]] = {}
    for line in filter(lambda line: not line.startswith("#"), lock.splitlines()):
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate(default_environment() | machine):
            pins.setdefault(canonicalize_name(requirement.name), []).append(str(requirement.specifier))
    return pins


def test_the_lock_is_plain():
    assert lock_offences((ROOT / "requirements.lock").read_text("utf-8")) == []
    assert not ADDRESS.search((ROOT / "environment.yml").read_text("utf-8"))


def test_each_dependency_gives_its_reason():
    assert unexplained((ROOT / "pyproject.toml").read_text("utf-8")) == []


def test_the_lock_serves_every_python_and_system():
    wanted = set(map(canonicalize_name, direct((ROOT / "pyproject.toml").read_text("utf-8"))))
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    systems = [("linux", "posix", "Linux"), ("darwin", "posix", "Darwin"), ("win32", "nt", "Windows")]
    for version, (platform, os_name, system) in itertools.product(("3.11", "3.12", "3.13"), systems):
        pins = pins_for(lock, python_version=version, python_full_version=f"{version}.0",
                        sys_platform=platform, os_name=os_name, platform_system=system)
        assert wanted - pins.keys() == set(), f"not in the lock (make lock): Python {version}, {system}"
        assert {name: each for name, each in pins.items() if len(each) > 1} == {}


def test_planted_offences_in_the_lock_are_found():
    assert lock_offences("# made\na==1.0\nb==2 ; sys_platform == 'win32'\nhttpx==0.1\n") == []
    for line in ("a>=1.0", "--index-url x", "a==1 --hash=sha256:0", "a @ file:///a.whl", "# see https://x",
                 "torch==2.0"):
        assert lock_offences(line), line
    assert unexplained('[project]\ndependencies = [\n"a",\n"b>=1", # why\n]') == ["a"]
