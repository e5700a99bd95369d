"""What our API answers, as types: checked where an answer is made, described in the API's document."""

from mediajobs.answer.about import About, Document, Html, Id, NextToken, Time
from mediajobs.answer.announcement import ANNOUNCEMENTS, Announcement, JobStatusChanged, TaskStatusChanged
from mediajobs.answer.bundle import Bundle, BundlePage, CountedBundle
from mediajobs.answer.history import Event, EventPage, LogLine, LogPage
from mediajobs.answer.job import (
    Failure,
    File,
    Job,
    JobHead,
    JobPage,
    JobRow,
    RetryPolicy,
    ShownReceiver,
    Task,
    Usage,
)
from mediajobs.answer.message import JobMessage, JobNews, Message, Ping, TaskMessage, TaskNews
from mediajobs.answer.metrics import Figures, Metrics, Month, Months
from mediajobs.answer.named_secret import NamedSecret, NamedSecrets
from mediajobs.answer.organization import Key, KeyPage, MadeKey, MadeOrganization, Organization, Organizations
from mediajobs.answer.plan import Check, Checks, Estimate, Plan, TaskEstimate
from mediajobs.answer.pool import Pool, Pools, WatchedPool
from mediajobs.answer.problem import FieldProblem, Problem
from mediajobs.answer.template import TemplateHead, TemplatePage, TemplateVersion
from mediajobs.answer.tool import Tool, Tools
from mediajobs.answer.trigger import Trigger, Triggers
from mediajobs.answer.webhook import Delivery, DeliveryPage, LastTry, MadeWebhook, Webhook, Webhooks
from mediajobs.answer.work import Lease, Work, WorkLink

__all__ = [
    "ANNOUNCEMENTS",
    "About",
    "Announcement",
    "Bundle",
    "BundlePage",
    "Check",
    "Checks",
    "CountedBundle",
    "Delivery",
    "DeliveryPage",
    "Document",
    "Estimate",
    "Event",
    "EventPage",
    "Failure",
    "FieldProblem",
    "Figures",
    "File",
    "Html",
    "Id",
    "Job",
    "JobHead",
    "JobMessage",
    "JobNews",
    "JobPage",
    "JobRow",
    "JobStatusChanged",
    "Key",
    "KeyPage",
    "LastTry",
    "Lease",
    "LogLine",
    "LogPage",
    "MadeKey",
    "MadeOrganization",
    "MadeWebhook",
    "Message",
    "Metrics",
    "Month",
    "Months",
    "NamedSecret",
    "NamedSecrets",
    "NextToken",
    "Organization",
    "Organizations",
    "Ping",
    "Plan",
    "Pool",
    "Pools",
    "Problem",
    "RetryPolicy",
    "ShownReceiver",
    "Task",
    "TaskEstimate",
    "TaskMessage",
    "TaskNews",
    "TaskStatusChanged",
    "TemplateHead",
    "TemplatePage",
    "TemplateVersion",
    "Time",
    "Tool",
    "Tools",
    "Trigger",
    "Triggers",
    "Usage",
    "WatchedPool",
    "Webhook",
    "Webhooks",
    "Work",
    "WorkLink",
]
