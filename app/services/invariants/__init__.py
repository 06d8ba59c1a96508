"""What must hold in a registry, whatever was killed, lost or restored: `genebank fsck`."""
