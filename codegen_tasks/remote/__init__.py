"""The store's far tier: a server that keeps copies of paid replies. It does not know what entries mean."""

from codegen_tasks.remote.tier import Remote, open_remote

__all__ = ["Remote", "open_remote"]
