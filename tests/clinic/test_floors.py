"""The two floors of clinic, as import-linter is told of them."""

import pkgutil
import tomllib

import clinic
from tests.site import ROOT


def test_every_module_of_clinic_stands_on_one_floor():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    told = {contract["name"]: contract for contract in contracts}
    ground = told["The ground floor of clinic knows no app"]["source_modules"]
    roof = told["No app uses the roof of clinic"]["forbidden_modules"]
    assert sorted(ground + roof) == sorted(f"clinic.{module.name}" for module in pkgutil.iter_modules(clinic.__path__))
