"""How gunicorn serves the site, under `make run` and in containers alike. It reads this file by itself."""

from gunicorn.workers.base import Worker

worker_class = "ocrsite.buffering.BufferedWorker"
workers = 2
threads = 16
timeout = 120
control_socket_disable = True


def post_worker_init(worker: Worker) -> None:
    """Starts the process that uploads are parsed in, so that the first one does not wait for it."""
    from recognition.confinement import prepare

    prepare()
