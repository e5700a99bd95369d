"""The endpoints: one function a Lambda, by the names in `mediajobs.routes`."""

from mediajobs.dialects.xvid.endpoints.account import create_token, get_application, get_user
from mediajobs.dialects.xvid.endpoints.file import get_download, get_file, list_files
from mediajobs.dialects.xvid.endpoints.job import get_job, list_jobs, submit_job
from mediajobs.dialects.xvid.endpoints.pipeline import (
    create_pipeline,
    get_pipeline,
    list_pipelines,
    put_pipeline,
)
from mediajobs.dialects.xvid.endpoints.preset import (
    create_preset,
    get_codec,
    get_preset,
    list_codecs,
    list_presets,
)
from mediajobs.dialects.xvid.endpoints.template import (
    create_template,
    get_template,
    list_templates,
    put_template,
)

__all__ = [
    "create_pipeline",
    "create_preset",
    "create_template",
    "create_token",
    "get_application",
    "get_codec",
    "get_download",
    "get_file",
    "get_job",
    "get_pipeline",
    "get_preset",
    "get_template",
    "get_user",
    "list_codecs",
    "list_files",
    "list_jobs",
    "list_pipelines",
    "list_presets",
    "list_templates",
    "put_pipeline",
    "put_template",
    "submit_job",
]
