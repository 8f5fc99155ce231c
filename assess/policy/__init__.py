"""What people know better than any rule: ``brownfield.yaml`` beside hosts.ini.

It holds rules of their own, waivers of findings with a reason and an end, and corrections of what was taken for a
workload. ``reading`` turns the file into a :class:`~assess.policy.model.Policy`, or says which line is wrong.
"""
