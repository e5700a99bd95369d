"""The media worker: runs ffmpeg on the files of a job."""

from mediajobs.tools.tool import Worker
from mediajobs.worker.work import task_handler

handler = task_handler(Worker.MEDIA)
