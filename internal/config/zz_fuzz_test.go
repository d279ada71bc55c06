package config
import ("testing";"os";"time")
func FuzzZZ(f *testing.F){
 for _,c:=range faults { f.Add([]byte(c.text),"lpus.lpu_0.device=gpu:1") }
 for n:=range examples { b,_:=os.ReadFile("testdata/"+n+".yaml"); f.Add(b,"x=1") }
 dir:=f.TempDir(); os.WriteFile(dir+"/a.gexf",nil,0o644)
 f.Fuzz(func(t *testing.T, s []byte, o string){
  done:=make(chan bool,1)
  go func(){ Parse(dir+"/config.yaml",s,[]string{o}); done<-true }()
  select{case <-done: case <-time.After(3*time.Second): os.WriteFile("/tmp/w/cfg/hang.yaml",s,0o644); os.WriteFile("/tmp/w/cfg/hang.o",[]byte(o),0o644); os.Exit(7)}
 })
}
