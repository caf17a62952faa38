"""How gunicorn serves the site, under `make run` and in containers alike. It reads this file by itself."""

from gunicorn.workers.base import Worker

worker_class = "gthread"
workers = 2
threads = 16
timeout = 120
# Longer than a page waits between two looks at the progress: a look on a connection that is just being closed fails.
keepalive = 75
control_socket_disable = True


def post_worker_init(worker: Worker) -> None:
    """Starts the process that uploads are parsed in, so that the first one does not wait for it."""
    from recognition.confinement import prepare

    prepare()
