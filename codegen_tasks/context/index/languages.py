"""Which constructs of each language are definitions: one table a language. It knows node types, not how trees are read.

`definitions` maps a node type of the grammar to the kind of what it defines. A definition of kind CLASS is looked into,
and what is found there has it for its parent; so is every node type of `through`, without becoming a parent. Whatever
is in neither is not looked into: what a function defines inside is nobody else's business.
"""

from collections.abc import Mapping

from codegen_tasks.records import Record

CLASS, FUNCTION, METHOD, TYPE, VALUE, HEADING, KEY = "class", "function", "method", "type", "value", "heading", "key"


class Language(Record, frozen=True):
    """How to find definitions in one language. `code`: its words are names that refer to other files."""

    grammar: str
    definitions: Mapping[str, str]
    through: frozenset[str] = frozenset()
    code: bool = True


def _language(grammar: str, through: str, **kinds: str) -> Language:
    definitions = {node: kind.rstrip("_") for kind, nodes in kinds.items() for node in nodes.split()}
    return Language(grammar, definitions, frozenset(through.split()), not {HEADING, KEY} & kinds.keys())


_PYTHON = _language(
    "python",
    "decorated_definition if_statement elif_clause else_clause try_statement except_clause block expression_statement "
    "with_statement",
    class_="class_definition",
    function="function_definition",
    value="assignment",
    type="type_alias_statement",
)
_SCRIPT_THROUGH = (
    "export_statement lexical_declaration variable_declaration class_body interface_body ambient_declaration module "
    "internal_module statement_block expression_statement"
)
_SCRIPT = {
    "class_": "class_declaration abstract_class_declaration interface_declaration",
    "function": "function_declaration generator_function_declaration function_signature assignment_expression",
    "method": "method_definition method_signature abstract_method_signature",
    "type": "type_alias_declaration enum_declaration",
    "value": "variable_declarator",
}
_TYPESCRIPT = _language("typescript", _SCRIPT_THROUGH, **_SCRIPT)
_TSX = _language("tsx", _SCRIPT_THROUGH, **_SCRIPT)
_JAVASCRIPT = _language("javascript", _SCRIPT_THROUGH, **_SCRIPT)
_GO = _language(
    "go",
    "const_declaration var_declaration var_spec_list type_declaration struct_type interface_type",
    class_="type_spec",
    function="function_declaration",
    method="method_declaration method_elem",
    type="type_alias",
    value="const_spec var_spec",
)
_RUST = _language(
    "rust",
    "declaration_list foreign_mod_item",
    class_="struct_item enum_item union_item trait_item impl_item mod_item",
    function="function_item function_signature_item macro_definition",
    type="type_item associated_type",
    value="const_item static_item",
)
_JAVA = _language(
    "java",
    "class_body interface_body enum_body enum_body_declarations annotation_type_body field_declaration",
    class_="class_declaration interface_declaration enum_declaration record_declaration annotation_type_declaration",
    method="method_declaration constructor_declaration compact_constructor_declaration",
    value="variable_declarator constant_declaration",
)
_C_THROUGH = "preproc_ifdef preproc_if preproc_else preproc_elif linkage_specification declaration_list"
_C = {
    "class_": "struct_specifier union_specifier",
    "function": "function_definition declaration preproc_function_def",
    "type": "enum_specifier type_definition",
    "value": "preproc_def",
}
_CPP = {**_C, "class_": "struct_specifier union_specifier class_specifier", "type": "enum_specifier type_definition "
        "alias_declaration", "method": "field_declaration"}  # fmt: skip
_CSHARP = _language(
    "csharp",
    "namespace_declaration declaration_list field_declaration variable_declaration",
    class_="class_declaration interface_declaration struct_declaration record_declaration",
    method="method_declaration constructor_declaration property_declaration",
    type="enum_declaration delegate_declaration",
    value="variable_declarator",
)
_RUBY = _language("ruby", "body_statement", class_="class module", method="method singleton_method", value="assignment")
_PHP = _language(
    "php",
    "namespace_definition compound_statement declaration_list enum_declaration_list const_declaration",
    class_="class_declaration interface_declaration trait_declaration enum_declaration",
    function="function_definition",
    method="method_declaration",
    value="const_element",
)
_KOTLIN = _language(
    "kotlin",
    "class_body enum_class_body companion_object",
    class_="class_declaration object_declaration",
    function="function_declaration",
    type="type_alias",
    value="property_declaration",
)
_SWIFT = _language(
    "swift",
    "class_body protocol_body enum_class_body",
    class_="class_declaration protocol_declaration",
    function="function_declaration protocol_function_declaration",
    type="typealias_declaration",
    value="property_declaration",
)
_SCALA = _language(
    "scala",
    "template_body enum_body package_clause",
    class_="class_definition object_definition trait_definition enum_definition",
    function="function_definition function_declaration given_definition",
    type="type_definition",
    value="val_definition val_declaration",
)
_BASH = _language(
    "bash", "declaration_command if_statement", function="function_definition", value="variable_assignment"
)
_SQL = _language(
    "sql",
    "statement",
    class_="create_table create_view create_materialized_view",
    function="create_function create_procedure create_trigger",
    type="create_type create_index",
)
_MARKDOWN = _language("markdown", "section", heading="atx_heading setext_heading")
_JSON = _language("json", "object", key="pair")
_YAML = _language("yaml", "document block_node block_mapping", key="block_mapping_pair")
_TOML = _language("toml", "", class_="table table_array_element", key="pair")

_BY_ENDING: Mapping[str, Language] = {
    **dict.fromkeys((".py", ".pyi"), _PYTHON),
    **dict.fromkeys((".ts", ".mts", ".cts"), _TYPESCRIPT),
    ".tsx": _TSX,
    **dict.fromkeys((".js", ".mjs", ".cjs", ".jsx"), _JAVASCRIPT),
    ".go": _GO,
    ".rs": _RUST,
    ".java": _JAVA,
    ".c": _language("c", _C_THROUGH, **_C),
    **dict.fromkeys(
        (".h", ".cc", ".cpp", ".cxx", ".hh", ".hpp", ".hxx"),
        _language("cpp", f"{_C_THROUGH} namespace_definition template_declaration field_declaration_list", **_CPP),
    ),
    ".cs": _CSHARP,
    **dict.fromkeys((".rb", ".rake"), _RUBY),
    ".php": _PHP,
    **dict.fromkeys((".kt", ".kts"), _KOTLIN),
    ".swift": _SWIFT,
    **dict.fromkeys((".scala", ".sc"), _SCALA),
    **dict.fromkeys((".sh", ".bash"), _BASH),
    ".sql": _SQL,
    **dict.fromkeys((".md", ".markdown"), _MARKDOWN),
    ".json": _JSON,
    **dict.fromkeys((".yml", ".yaml"), _YAML),
    ".toml": _TOML,
}


def language_of(path: str) -> Language | None:
    """The language of a file by the ending of its name; None: nothing but its path is known."""
    start, dot, ending = path.rpartition("/")[2].rpartition(".")
    return _BY_ENDING.get(f"{dot}{ending.lower()}") if start.strip(".") else None


def is_code(path: str) -> bool:
    """Whether a file is a program of a language that is known."""
    language = language_of(path)
    return language is not None and language.code
