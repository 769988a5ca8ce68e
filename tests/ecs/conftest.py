"""One service and one moto for all tests that need them."""

import pytest
from emulator import running
from service import serving


@pytest.fixture(scope="session")
def service(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("service")) as address:
        yield address


@pytest.fixture(scope="session")
def moto(tmp_path_factory):
    with running("moto", tmp_path_factory.mktemp("moto")) as port:
        yield port
