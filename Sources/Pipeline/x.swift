// placeholder so that the manifest resolves
