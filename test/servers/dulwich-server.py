"""dulwich's git server over HTTP, on a free port of 127.0.0.1 that it prints; ends when its input does."""

import os
import sys
import threading
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from dulwich.repo import Repo
from dulwich.server import Backend
from dulwich.web import make_wsgi_chain


class Folder(Backend):
    """The repos in a folder, each opened again for each request, as others write to them."""

    def open_repository(self, path):
        name = path.decode() if isinstance(path, bytes) else path
        return Repo(os.path.join(sys.argv[1], os.path.basename(name)))


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Quiet(WSGIRequestHandler):
    def log_message(self, *args):
        print(*args, file=sys.stderr)


server = make_server("127.0.0.1", 0, make_wsgi_chain(Folder()), Server, Quiet)
print(server.server_port, flush=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.stdin.read()
