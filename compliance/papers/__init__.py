"""The paper 单证: what is printed of the record, and how a stranger checks it without this product."""
