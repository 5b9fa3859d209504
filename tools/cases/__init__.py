"""The recorded cases, one module a family."""

import importlib
import pkgutil

CASES = [case for module in sorted(found.name for found in pkgutil.iter_modules(__path__) if found.name != "case")
         for case in importlib.import_module(f"cases.{module}").CASES]
