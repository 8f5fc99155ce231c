"""The plugins that Ansible loads from us (``ANSIBLE_ACTION_PLUGINS`` names this folder); assess imports none."""
