"""The pages, a module each, with `build(desk, id)`: what stands below the page's path, or nothing."""
