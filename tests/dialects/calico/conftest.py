"""The resource definitions that Calico ships, as a second judge of what we write and of what we think it takes."""

from pathlib import Path
from typing import Any

import pytest
import yaml


@pytest.fixture(scope="session")
def schemas(shared: Path) -> dict[str, dict[str, Any]]:
    """Return the OpenAPI schema of each kind. A test that uses it carries ``@pytest.mark.shared``."""
    specs = [yaml.safe_load(path.read_bytes())["spec"] for path in sorted((shared / "calico-crds").glob("*.yaml"))]
    return {spec["names"]["kind"]: spec["versions"][0]["schema"]["openAPIV3Schema"] for spec in specs}
