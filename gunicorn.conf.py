"""How gunicorn serves the site, under `make run` and in containers alike. It reads this file by itself."""

worker_class = "gthread"
workers = 2
threads = 4
timeout = 120
# Longer than a page waits between two looks at the progress: a look on a connection that is just being closed fails.
keepalive = 75
control_socket_disable = True
