"""One service for all tests that read it."""

import pytest
from service import serving


@pytest.fixture(scope="session")
def service(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("service")) as address:
        yield address
