"""The named forms: one module a form, discovered by ``derive.forms``."""
