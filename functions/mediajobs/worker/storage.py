"""The storage worker: moves files between a job and the world."""

from mediajobs.tools.tool import Worker
from mediajobs.worker.work import task_handler

handler = task_handler(Worker.STORAGE)
