import tempfile, time, json, sys
from pathlib import Path
from tests.simulation.client.hall import *
from tests.simulation.client.tablets import Tablets
from tests.simulation.client.wire import *
from tests.api.estate import *
from tests.evidence.pictures import photo
from tests.people import *
t=time.time()
def lap(w):
    global t
    print(f"{w}: {time.time()-t:.2f}"); t=time.time()
root=Path(tempfile.mkdtemp())
tpl=furnish(root); lap("furnish")
hall=move_in(tpl, root/"h"); hall.start(); lap("start")
(root/"a.jpg").write_bytes(photo(1,size=(640,480)))
nodes=Tablets(root/"node.log"); lap("node")
sb=Switchboard()
w=Wire(sb,hall.port,"s1")
nodes.do("a","make",origin=w.origin,username="t07",seed=3,clock=0); nodes.do("a","boot"); lap("boot")
print(nodes.do("a","sign in")); lap("signin")
nodes.do("a","sync"); lap("sync"); print(nodes.do("a","standing")); 
place=dict(space="qyl",unit=P029_A1,post=P029,items=UNIT_ITEMS[P029_A1])
print(nodes.do("a","act",act="check",place=place,photo=str(root/"a.jpg"),finding=True)); lap("act")
nodes.do("a","sync"); lap("sync"); print(nodes.do("a","standing")); 
w.weather.rate=0.5
for i in range(10):
    nodes.do("a","act",act="patch",what="note",pick=0,value=i,looked=False)
    nodes.do("a","act",act="photo",pick=0,photo=str(root/"a.jpg"))
    nodes.do("a","sync")
lap("ten")
print(nodes.do("a","standing")); print(w.weather.befell)
w.weather.rate=0
nodes.do("a","sync")
print(nodes.do("a","standing"))
d=nodes.do("a","dump"); lap("dump")
print({k:(len(v) if hasattr(v,'__len__') and not isinstance(v,str) else v) for k,v in d.items()}); print(d['codes']); print(d['spaces'])
print([ (a['result']['status'],a['result'].get('reason')) for a in d['answers']])
desk=Desk(hall,YAO_CHUNYAN).sign_in(); print(len(desk.pull("qyl")["records"])); lap("desk")
nodes.close(); hall.kill(); sb.close()
print((root/"node.log").read_text()[-3000:])
