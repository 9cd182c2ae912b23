"""Who fits whom: ranked matches 匹配 of a lot with needs and vehicles, with reasons."""
