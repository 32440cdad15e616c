"""Energy and carbon of a run, from its processor seconds.

Example: python -m policy run-energy --cpu-s 12 --zone CA-AB --json
"""

from policy import energy


def add(parser):
    parser.add_argument("--cpu-s", type=float, required=True, help="processor seconds, summed over cores")
    parser.add_argument("--gpu-wh", type=float, help="Wh by the graphics card's own meter, where there is a card")
    parser.add_argument("--machine", choices=sorted(energy.MACHINES), help="kind of machine; unknown: the range spans both")
    parser.add_argument("--zone", help="grid zone, e.g. CA-AB or DEU; none: the world average, and it is said")


def run(args) -> dict:
    spent = energy.run_energy_wh(args.cpu_s, args.gpu_wh, args.machine)
    carbon = energy.carbon_g(spent, args.zone)
    if args.json:
        return {"energy_wh": spent.to_dict(), "carbon_g": carbon.to_dict()}
    return {"energy": spent.value_text(), "carbon": carbon.value_text(), "grid": carbon.details["zone_name"],
            "counted": spent.details["boundary"],
            "sources": "".join(f"\n  {s.title} ({s.year}) {s.url}".rstrip() for s in carbon.sources())}
