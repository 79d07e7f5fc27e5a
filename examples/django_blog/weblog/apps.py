from django.apps import AppConfig


class WeblogConfig(AppConfig):
    name = "weblog"
    label = "blog"
