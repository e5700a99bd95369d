"""The structured log of every function: one JSON line a decision, with what is bound to it."""

from aws_lambda_powertools import Logger

logger = Logger(service="mediajobs", log_uncaught_exceptions=False)
