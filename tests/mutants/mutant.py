"""Mutants of the service, made from its code: each lacks one thing that keeps a promise.

What is taken away, one at a time: a clause of a condition expression, the condition that a row must not
exist, an item of a transaction, what a write adds to a set or takes out, a dedupe (the name that makes a
second sending the same as the first), and a fence (a comparison with the attempt or the run that holds a
job).
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.mutants.clause import without_each

ROOT = Path(__file__).parents[2] / "functions" / "mediajobs"

#: Where fences stand: whoever acts on a job that somebody else may have taken on meanwhile.
_FENCED = (
    *("reactions/*.py", "store/run.py", "store/debt.py", "worker/task_run.py", "worker/watch.py"),
    *("worker/work.py", "outside.py", "outcome.py", "litter.py", "delivery.py", "restart.py"),
)
#: What a fence compares.
_HOLD = re.compile(r"\b(attempt|run|run_until|is_run_live|is_lost|held|suspect)\b")
_WRITES = frozenset({"Put", "Update", "Delete"})
#: Text that no two calls share, in the place of what made two calls one.
_FRESH = "__import__('secrets').token_hex(4)"


@dataclass(frozen=True)
class Mutant:
    """The code with one piece of text in the place of another."""

    path: Path
    start: int
    end: int
    text: str
    #: Where and what, in words that outlast changes elsewhere.
    name: str
    #: The function or method that differs, by its name in the module.
    function: str
    line: int

    def source(self) -> str:
        """The module as the mutant has it."""
        code = self.path.read_bytes()
        return (code[: self.start] + self.text.encode() + code[self.end :]).decode()


def every() -> list[Mutant]:
    """All mutants of the service, in the order of its modules and lines."""
    makers = _makers()
    found: list[Mutant] = []
    for path in sorted(ROOT.rglob("*.py")):
        code = path.read_bytes()
        if re.search(rb"store\.write|stepfunctions|Deduplication|derived_id|Replay\(", code) or _is_fenced(
            path
        ):
            found += _Module(path, code, makers).mutants()
    return found


@dataclass(frozen=True)
class _Cut:
    node: ast.AST
    text: str
    what: str


class _Module:
    def __init__(self, path: Path, code: bytes, makers: frozenset[str]) -> None:
        self._path, self._code, self._makers = path, code, makers
        self._tree = ast.parse(code)
        self._starts = [0]
        for line in code.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))
        self._parents = {
            child: parent for parent in ast.walk(self._tree) for child in ast.iter_child_nodes(parent)
        }

    def mutants(self) -> list[Mutant]:
        module = ".".join(self._path.relative_to(ROOT).with_suffix("").parts)
        found: list[Mutant] = []
        seen: dict[str, int] = {}
        nodes = [node for node in ast.walk(self._tree) if hasattr(node, "lineno")]
        for node in sorted(nodes, key=lambda node: (node.lineno, node.col_offset)):  # type: ignore[attr-defined]
            for cut in self._cuts(node):
                start, end = self._span(cut.node)
                function = self._function(node)
                name = f"{module}.{function}: {' '.join(cut.what.split())}"
                seen[name] = seen.get(name, 0) + 1
                if seen[name] > 1:
                    name += f" ({seen[name]})"
                line = self._code[:start].count(b"\n") + 1
                found.append(Mutant(self._path, start, end, cut.text, name, function, line))
        return found

    def _cuts(self, node: ast.AST) -> Iterator[_Cut]:
        if isinstance(node, ast.Call):
            match _name(node.func):
                case "equals":
                    yield from self._equals(node)
                case "Condition":
                    yield from self._condition(node)
                case "Put":
                    yield from self._put(node)
                case "Update":
                    yield from self._keywords(node, "add", "delete")
                case "Replay" | "derived_id":
                    yield from self._digests(node)
                case "append":
                    yield from self._append(node)
            yield from self._names(node)
        elif isinstance(node, ast.List):
            yield from self._items(node)
        elif isinstance(node, ast.AugAssign) and self._is_write(node.value):
            yield _Cut(node, "pass", f"without {self._short(node.value)}")
        elif isinstance(node, ast.If) and self._is_known_error(node):
            yield _Cut(node.test, "True", f"not knowing {self._text(node.test)}")
        if _is_fenced(self._path):
            yield from self._fences(node)

    # --- conditions ------------------------------------------------------------------------------------

    def _equals(self, node: ast.Call) -> Iterator[_Cut]:
        texts = [self._text(keyword) for keyword in node.keywords]
        for number, text in enumerate(texts):
            rest = [other for index, other in enumerate(texts) if index != number]
            yield _Cut(node, f"equals({', '.join(rest)})" if rest else "None", f"without {text}")

    def _condition(self, node: ast.Call) -> Iterator[_Cut]:
        expression, *values = node.args
        template = self._template(expression)
        for rest, gone in without_each(template):
            if not rest:
                yield _Cut(node, "None", f"without {gone}")
                continue
            arguments = ", ".join([f"f{rest!r}", *map(self._text, values)])
            yield _Cut(node, f"__pruned__(Condition({arguments}))", f"without {gone}")

    def _put(self, node: ast.Call) -> Iterator[_Cut]:
        if len(node.args) == 1 and not any(keyword.arg == "condition" for keyword in node.keywords):
            yield _Cut(
                node, f"Put({self._text(node.args[0])}, None)", f"{self._short(node)} over what is there"
            )

    def _keywords(self, node: ast.Call, *names: str) -> Iterator[_Cut]:
        parts = [*node.args, *node.keywords]
        for keyword in node.keywords:
            if keyword.arg in names:
                rest = ", ".join(self._text(part) for part in parts if part is not keyword)
                yield _Cut(node, f"Update({rest})", f"without {self._text(keyword)}")

    # --- transactions ----------------------------------------------------------------------------------

    def _items(self, node: ast.List) -> Iterator[_Cut]:
        call = self._parents.get(node)
        is_transaction = isinstance(call, ast.Call) and _name(call.func) == "transact"
        texts = [self._text(element) for element in node.elts]
        for number, element in enumerate(node.elts):
            if is_transaction or self._is_write(element):
                rest = [text for index, text in enumerate(texts) if index != number]
                yield _Cut(node, f"[{', '.join(rest)}]", f"without {self._short(element)}")

    def _append(self, node: ast.Call) -> Iterator[_Cut]:
        if self._is_write(node.args[0]):
            yield _Cut(node, "None", f"without {self._short(node.args[0])}")

    def _is_write(self, node: ast.AST) -> bool:
        """Whether it makes writes that are a part of a transaction."""
        if isinstance(node, ast.Starred):
            return self._is_write(node.value)
        if isinstance(node, (ast.GeneratorExp, ast.ListComp)):
            return self._is_write(node.elt)
        if isinstance(node, ast.Call) and _name(node.func) == "map":
            return _name(node.args[0]) in self._makers
        return isinstance(node, ast.Call) and _name(node.func) in self._makers

    # --- dedupes ---------------------------------------------------------------------------------------

    def _names(self, node: ast.Call) -> Iterator[_Cut]:
        starts = _name(node.func) == "start_execution"
        for keyword in node.keywords:
            if keyword.arg == "MessageDeduplicationId" or (starts and keyword.arg == "name"):
                text = self._text(keyword.value)
                yield _Cut(keyword.value, f"(({text}) + {_FRESH})[-80:]", f"another {keyword.arg} each time")
        if starts and not any(keyword.arg == "name" for keyword in node.keywords):
            raise ValueError(f"{self._path}: an execution without a name")

    def _digests(self, node: ast.Call) -> Iterator[_Cut]:
        if _name(node.func) == "derived_id":
            yield _Cut(node.args[1], f"({self._text(node.args[1])}) + {_FRESH}", "another id each time")
        else:
            digest, fingerprint = node.args
            yield _Cut(digest, f"({self._text(digest)}) + {_FRESH}", "another digest each time")
            yield _Cut(fingerprint, "''", "whatever the body is")

    def _is_known_error(self, node: ast.If) -> bool:
        """Whether it passes over an error that says that it has been done already."""
        return "['Code']" in ast.unparse(node.test) and isinstance(node.body[-1], ast.Raise)

    # --- fences ----------------------------------------------------------------------------------------

    def _fences(self, node: ast.AST) -> Iterator[_Cut]:
        if isinstance(node, ast.Compare):
            yield from self._tuples(node)
        is_operand = isinstance(self._parents.get(node), (ast.BoolOp, ast.UnaryOp))
        if isinstance(node, ast.BoolOp):
            parts = [self._text(part) for part in node.values]
            verb = " and " if isinstance(node.op, ast.And) else " or "
            for number, part in enumerate(node.values):
                if not isinstance(part, ast.BoolOp) and _HOLD.search(parts[number]):
                    rest = verb.join(text for index, text in enumerate(parts) if index != number)
                    yield _Cut(node, f"({rest})", f"fenced without {parts[number]}")
        elif isinstance(node, (ast.Compare, ast.Call, ast.Attribute)) and not is_operand:
            value = self._unfenced(node)
            if value is not None and _HOLD.search(self._text(node)):
                yield _Cut(node, value, f"fenced without {self._text(node)}")

    def _tuples(self, node: ast.Compare) -> Iterator[_Cut]:
        sides = [node.left, *node.comparators]
        if len(sides) != 2 or not isinstance(sides[0], ast.Tuple):
            return
        for number, element in enumerate(sides[0].elts):
            if isinstance(sides[1], ast.Tuple) and _HOLD.search(self._text(element)):
                rests = [
                    ", ".join(self._text(part) for index, part in enumerate(side.elts) if index != number)
                    for side in (sides[0], sides[1])
                ]
                sign = "==" if isinstance(node.ops[0], ast.Eq) else "!="
                yield _Cut(
                    node, f"({rests[0]},) {sign} ({rests[1]},)", f"fenced without {self._text(element)}"
                )

    def _unfenced(self, node: ast.AST) -> str | None:
        """What a whole test is when nothing is fenced; None if it is no test."""
        parent = self._parents.get(node)
        if isinstance(parent, ast.If) and parent.test is node:
            stops = isinstance(parent.body[-1], (ast.Return, ast.Raise, ast.Continue, ast.Break))
            return "False" if stops else "True"
        if isinstance(parent, ast.comprehension) and node in parent.ifs:
            return "True"
        return None

    # --- text ------------------------------------------------------------------------------------------

    def _span(self, node: ast.AST) -> tuple[int, int]:
        return (
            self._starts[node.lineno - 1] + node.col_offset,  # type: ignore[attr-defined]
            self._starts[node.end_lineno - 1] + node.end_col_offset,  # type: ignore[attr-defined]
        )

    def _text(self, node: ast.AST) -> str:
        start, end = self._span(node)
        return self._code[start:end].decode()

    def _short(self, node: ast.AST) -> str:
        """The beginning of a write: enough to know it by."""
        text = " ".join(self._text(node).split())
        return text if len(text) <= 70 else text[:67] + "..."

    def _template(self, node: ast.AST) -> str:
        """The text of a string, an f-string's values in braces."""
        if isinstance(node, ast.JoinedStr):
            return "".join(map(self._template, node.values))
        if isinstance(node, ast.FormattedValue):
            return "{" + ast.unparse(node.value) + "}"
        assert isinstance(node, ast.Constant), ast.dump(node)
        return str(node.value)

    def _function(self, node: ast.AST) -> str:
        """The function around a node, or the class or the name at the module's head."""
        names: list[str] = []
        up: ast.AST | None = node
        while up is not None:
            if isinstance(up, (ast.FunctionDef, ast.ClassDef)):
                names.insert(0, up.name)
            up = self._parents.get(up)
        return ".".join(names)


def _name(node: ast.AST) -> str:
    """The last name of a function that is called."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _is_fenced(path: Path) -> bool:
    relative = path.relative_to(ROOT)
    return any(relative.match(pattern) for pattern in _FENCED) and len(relative.parts) < 3


def _makers() -> frozenset[str]:
    """The functions of the store that make writes, beside the writes themselves."""
    made = set(_WRITES)
    for path in (ROOT / "store").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.FunctionDef) and node.returns is not None:
                names = set(re.findall(r"\w+", ast.unparse(node.returns)))
                if names & _WRITES and node.name != "request":
                    made.add(node.name)
    return frozenset(made)
