"""Contracts for import-linter that name what a part may import, instead of what it may not.

import-linter's own contracts are lists of what is forbidden, so a new package is allowed until somebody
remembers to forbid it. Here everything is forbidden until a contract names it.
"""

from __future__ import annotations

import sys
from typing import Any

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


def _within(module: str, packages: set[str]) -> bool:
    return any(module == package or module.startswith(package + ".") for package in packages)


def _print_all(check: ContractCheck) -> None:
    for line in check.metadata["violations"]:
        output.print_error(line)
    output.new_line()


class OnlyContract(Contract):
    """`modules`, with all below them but `but_not`, import nothing but `may_import` and the standard library.

    A module that does not exist yet is no error: the contract waits for it. Imports of imports are the
    imported module's own matter.
    """

    type_name = "only"

    modules: Any = fields.SetField(subfield=fields.StringField())
    but_not: Any = fields.SetField(subfield=fields.StringField(), required=False, default=frozenset())
    may_import: Any = fields.SetField(subfield=fields.StringField())

    def _binds(self, module: str) -> bool:
        return _within(module, self.modules) and not _within(module, self.but_not)

    def _allows(self, module: str) -> bool:
        return module.split(".")[0] in sys.stdlib_module_names or _within(module, self.may_import)

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Compare every direct import of the bound modules with the list."""
        violations = []
        for importer in sorted(filter(self._binds, graph.modules)):
            for imported in sorted(graph.find_modules_directly_imported_by(importer)):
                if not self._allows(imported):
                    details = graph.get_import_details(importer=importer, imported=imported)
                    line = details[0]["line_number"] if details else 0
                    violations.append(f"{importer}, line {line}, imports {imported}")
        return ContractCheck(kept=not violations, metadata={"violations": violations})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print one line for each import that the contract does not name."""
        _print_all(check)


class PartsContract(Contract):
    """`package` has the `parts` that the list names and no other, so that no part goes without a contract."""

    type_name = "parts"

    package: Any = fields.StringField()
    parts: Any = fields.SetField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Look for children of the package that the list does not name."""
        unknown = {name.rsplit(".", 1)[1] for name in graph.find_children(self.package)} - self.parts
        violations = [f"{self.package}.{part} has no contract" for part in sorted(unknown)]
        return ContractCheck(kept=not violations, metadata={"violations": violations})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print one line for each part without a contract."""
        _print_all(check)
