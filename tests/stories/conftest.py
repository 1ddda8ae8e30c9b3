"""The resource definitions that judge Calico objects elsewhere judge the stories' files too."""

from tests.dialects.calico.conftest import schemas

__all__ = ["schemas"]
