"""Between the queue and the pipeline: the only package that knows RQ.

The database says what is to be done; a job only says "work on run X". It claims pages one by one,
reads and saves each, and goes to the end of the queue after its time slice, so that a one-page upload
is not stuck behind a 500-page book and any number of workers can share one document. A second
delivery of a job finds nothing to claim. A worker that dies loses only the page it held.
"""
