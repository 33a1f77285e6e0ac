"""The platform: the only package that knows WeChat's formats, limits, codes and libraries.

Must not know residents, issues or what is decided; it speaks in Said and Outcome.
"""
