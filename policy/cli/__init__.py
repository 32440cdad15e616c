"""Commands of `python -m policy`: one module each, with add(parser) and run(args) -> dict, None, or an exit code
where the command has printed by itself.

The module's name is the command's name (underscores become hyphens), the first line of its docstring its help.
"""
