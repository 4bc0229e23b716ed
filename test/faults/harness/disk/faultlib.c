/* Makes system calls of a process fail, end it or be recorded: loaded by LD_PRELOAD, compiled by fault-library.ts.
 * env:
 *  FAULT_ROOT=/abs/dir      only files under this prefix are tracked (required)
 *  FAULT_LOG=/abs/prefix    record ops to <prefix>.ops (tab separated) and <prefix>.data (raw bytes)
 *  FAULT_ACKFD=1            writes to this fd are logged as "ack" lines (what the client has been told)
 *  FAULT="ops:action:pathsub:nth[;...]"
 *       ops    comma list of: write,sync,open,rename,unlink,truncate,mkdir,link,any
 *       action EIO|ENOSPC|EDQUOT|EINTR|EROFS|EMFILE|ENOMEM|EACCES | SHORT (half the write)
 *              | KILL (SIGKILL before the call) | KILLAFTER | TORN (half the write, then SIGKILL)
 *              | SKIP (lie: return success, do nothing) | LATE (do it, then return EIO) | DELAYms e.g. DELAY200
 *       nth    5 = only 5th matching call, 5+ = from the 5th, * = all, p0.01 = with probability
 *  FAULT_CTL=/abs/file      same syntax, re-read whenever the file changes (switch faults on in a running server)
 *  FAULT_SEED=1
 *  FAULT_BOOTID=/abs/file   redirect open of /proc/sys/kernel/random/boot_id (LMDB overlapping sync looks at it)
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static char root[4096]; static size_t rootlen;
static int logfd = -1, datafd = -1, ackfd = -1;
static uint64_t seq = 0, dataoff = 0;
static char ctlpath[4096]; static struct timespec ctlm; static off_t ctlsz;
static char bootid[4096];
static unsigned seedv = 1;
static pthread_mutex_t mu = PTHREAD_MUTEX_INITIALIZER;
static int inited = 0;

enum { C_WRITE=1, C_SYNC=2, C_OPEN=4, C_RENAME=8, C_UNLINK=16, C_TRUNC=32, C_MKDIR=64, C_LINK=128, C_ANY=255 };
enum { A_NONE=0, A_ERR, A_SHORT, A_KILL, A_KILLAFTER, A_TORN, A_SKIP, A_DELAY, A_LATE };
struct rule { int cls, act, err, ms; char sub[256]; long nth; int from, all; double p; long count; };
static struct rule rules[32]; static int nrules;

#define REAL(ret,name,...) static ret (*real_##name)(__VA_ARGS__)
REAL(int,open,const char*,int,...); REAL(int,openat,int,const char*,int,...);
REAL(ssize_t,write,int,const void*,size_t); REAL(ssize_t,pwrite,int,const void*,size_t,off_t);
REAL(ssize_t,writev,int,const struct iovec*,int); REAL(ssize_t,pwritev,int,const struct iovec*,int,off_t);
REAL(int,fsync,int); REAL(int,fdatasync,int); REAL(int,msync,void*,size_t,int);
REAL(int,ftruncate,int,off_t); REAL(int,rename,const char*,const char*); REAL(int,renameat,int,const char*,int,const char*);
REAL(int,unlink,const char*); REAL(int,unlinkat,int,const char*,int); REAL(int,mkdir,const char*,mode_t); REAL(int,rmdir,const char*);
REAL(int,link,const char*,const char*);
REAL(int,fallocate,int,int,off_t,off_t);
REAL(int,futimens,int,const struct timespec*);
REAL(void*,mmap,void*,size_t,int,int,int,off_t);

static int errnum(const char*s){
  struct{const char*n;int v;}t[]={{"EIO",EIO},{"ENOSPC",ENOSPC},{"EDQUOT",EDQUOT},{"EINTR",EINTR},{"EROFS",EROFS},{"EMFILE",EMFILE},{"ENFILE",ENFILE},{"ENOMEM",ENOMEM},{"EACCES",EACCES},{"EPERM",EPERM},{"EAGAIN",EAGAIN},{"ESTALE",ESTALE},{"ENOENT",ENOENT}};
  for(unsigned i=0;i<sizeof t/sizeof*t;i++) if(!strcmp(t[i].n,s)) return t[i].v; return 0; }
static int clsof(const char*s){
  if(!strcmp(s,"write"))return C_WRITE; if(!strcmp(s,"sync"))return C_SYNC; if(!strcmp(s,"open"))return C_OPEN;
  if(!strcmp(s,"rename"))return C_RENAME; if(!strcmp(s,"unlink"))return C_UNLINK; if(!strcmp(s,"truncate"))return C_TRUNC;
  if(!strcmp(s,"mkdir"))return C_MKDIR; if(!strcmp(s,"link"))return C_LINK; return C_ANY; }
static void parse(const char*spec){
  nrules=0; char buf[8192]; strncpy(buf,spec,sizeof buf-1); buf[sizeof buf-1]=0; char*sv;
  for(char*r=strtok_r(buf,";\n",&sv);r&&nrules<32;r=strtok_r(0,";\n",&sv)){
    char*f[4]={0}; int n=0; char*p=r; f[n++]=p; while(n<4&&(p=strchr(p,':'))){*p++=0;f[n++]=p;}
    if(n<2) continue; struct rule*u=&rules[nrules]; memset(u,0,sizeof*u);
    char*s2; char ops[256]; strncpy(ops,f[0],255); ops[255]=0;
    for(char*o=strtok_r(ops,",",&s2);o;o=strtok_r(0,",",&s2)) u->cls|=clsof(o);
    const char*a=f[1];
    if(!strcmp(a,"SHORT"))u->act=A_SHORT; else if(!strcmp(a,"KILL"))u->act=A_KILL; else if(!strcmp(a,"KILLAFTER"))u->act=A_KILLAFTER;
    else if(!strcmp(a,"TORN"))u->act=A_TORN; else if(!strcmp(a,"SKIP"))u->act=A_SKIP; else if(!strcmp(a,"LATE")){u->act=A_LATE;u->err=EIO;}
    else if(!strncmp(a,"DELAY",5)){u->act=A_DELAY;u->ms=atoi(a+5);} else {u->act=A_ERR;u->err=errnum(a); if(!u->err)continue;}
    if(n>2) strncpy(u->sub,f[2],255);
    const char*k=n>3?f[3]:"*";
    if(*k=='*')u->all=1; else if(*k=='p')u->p=atof(k+1); else {u->nth=atol(k); u->from=strchr(k,'+')!=0;}
    nrules++; } }
static void readctl(void){
  if(!ctlpath[0])return; struct stat st; if(stat(ctlpath,&st)){ if(ctlsz!=-1){nrules=0;ctlsz=-1;} return; }
  if(st.st_size==ctlsz&&st.st_mtim.tv_sec==ctlm.tv_sec&&st.st_mtim.tv_nsec==ctlm.tv_nsec)return;
  ctlsz=st.st_size; ctlm=st.st_mtim; int fd=syscall(SYS_openat,AT_FDCWD,ctlpath,O_RDONLY|O_CLOEXEC); if(fd<0)return;
  char b[8192]; ssize_t n=syscall(SYS_read,fd,b,sizeof b-1); syscall(SYS_close,fd); if(n<0)n=0; b[n]=0; parse(b); }

__attribute__((constructor)) static void init(void){
  if(inited)return; inited=1;
#define L(n) real_##n=dlsym(RTLD_NEXT,#n)
  L(open);L(openat);L(write);L(writev);L(fsync);L(fdatasync);L(msync);L(rename);L(renameat);L(unlink);L(unlinkat);L(mkdir);L(rmdir);L(link);L(futimens);
  real_pwrite=dlsym(RTLD_NEXT,"pwrite64"); real_pwritev=dlsym(RTLD_NEXT,"pwritev64"); real_ftruncate=dlsym(RTLD_NEXT,"ftruncate64");
  real_fallocate=dlsym(RTLD_NEXT,"fallocate64"); real_mmap=dlsym(RTLD_NEXT,"mmap64");
  const char*e; if((e=getenv("FAULT_ROOT"))){strncpy(root,e,sizeof root-1);rootlen=strlen(root);}
  if((e=getenv("FAULT_SEED"))) seedv=atoi(e);
  if((e=getenv("FAULT_ACKFD"))) ackfd=atoi(e);
  if((e=getenv("FAULT_BOOTID"))) strncpy(bootid,e,sizeof bootid-1);
  if((e=getenv("FAULT"))) parse(e);
  if((e=getenv("FAULT_CTL"))){strncpy(ctlpath,e,sizeof ctlpath-1);ctlsz=-1;readctl();}
  if((e=getenv("FAULT_LOG"))&&rootlen){ char p[4200];
    snprintf(p,sizeof p,"%s.ops",e); int f=syscall(SYS_openat,AT_FDCWD,p,O_WRONLY|O_CREAT|O_APPEND|O_CLOEXEC,0600); logfd=fcntl(f,F_DUPFD_CLOEXEC,900); if(logfd<0)logfd=f; else syscall(SYS_close,f);
    snprintf(p,sizeof p,"%s.data",e); f=syscall(SYS_openat,AT_FDCWD,p,O_WRONLY|O_CREAT|O_APPEND|O_CLOEXEC,0600); datafd=fcntl(f,F_DUPFD_CLOEXEC,900); if(datafd<0)datafd=f; else syscall(SYS_close,f);
    struct stat st; if(!fstat(datafd,&st)) dataoff=st.st_size; } }

static int under(const char*p){ return rootlen&&!strncmp(p,root,rootlen)&&(p[rootlen]=='/'||p[rootlen]==0); }
static int fdpath(int fd,char*out,size_t n){ char l[64]; snprintf(l,sizeof l,"/proc/self/fd/%d",fd); ssize_t r=syscall(SYS_readlink,l,out,n-1); if(r<0)return -1; out[r]=0; return 0; }
static int abspath(int dfd,const char*p,char*out,size_t n){
  if(p[0]=='/'){strncpy(out,p,n-1);out[n-1]=0;return 0;}
  char d[4096]; if(dfd==AT_FDCWD){ if(!getcwd(d,sizeof d))return -1; } else if(fdpath(dfd,d,sizeof d))return -1;
  while(p[0]=='.'&&p[1]=='/')p+=2; if(!strcmp(p,"."))snprintf(out,n,"%s",d); else snprintf(out,n,"%s/%s",d,p); return 0; }
static long nowns(void){ struct timespec t; clock_gettime(CLOCK_MONOTONIC,&t); return t.tv_sec*1000000000L+t.tv_nsec; }

struct verdict { int act,err,ms; };
static struct verdict check(int cls,const char*path){
  struct verdict v={0,0,0}; pthread_mutex_lock(&mu); readctl();
  for(int i=0;i<nrules;i++){ struct rule*u=&rules[i]; if(!(u->cls&cls))continue; if(u->sub[0]&&!strstr(path,u->sub))continue;
    u->count++; int hit=u->all||(u->nth&&(u->from?u->count>=u->nth:u->count==u->nth))||(u->p>0&&(rand_r(&seedv)/(double)RAND_MAX)<u->p);
    if(hit&&!v.act){v.act=u->act;v.err=u->err;v.ms=u->ms;} }
  pthread_mutex_unlock(&mu);
  if(v.act==A_KILL){ syscall(SYS_kill,getpid(),SIGKILL); for(;;)pause(); }
  if(v.act==A_DELAY){ struct timespec t={v.ms/1000,(v.ms%1000)*1000000L}; nanosleep(&t,0); v.act=0; }
  return v; }
static void after(struct verdict v){ if(v.act==A_KILLAFTER||v.act==A_TORN){ syscall(SYS_kill,getpid(),SIGKILL); for(;;)pause(); } }
static uint64_t startseq(void){ pthread_mutex_lock(&mu); uint64_t s=seq; pthread_mutex_unlock(&mu); return s; }
static void logop(const char*op,const char*path,const char*path2,int fd,long off,long len,const struct iovec*iov,int iovn,int flags,long ret,int err,uint64_t st){
  if(logfd<0)return; struct stat sb; long ino=0,size=-1; if(fd>=0&&!fstat(fd,&sb)){ino=sb.st_ino;size=sb.st_size;}
  pthread_mutex_lock(&mu); uint64_t my=++seq; long doff=-1;
  if(iov&&ret>0){ doff=dataoff; long left=ret; for(int i=0;i<iovn&&left>0;i++){ long k=(long)iov[i].iov_len<left?(long)iov[i].iov_len:left; const char*b=iov[i].iov_base; long q=k; while(q>0){ssize_t w=syscall(SYS_write,datafd,b,q); if(w<=0)break; b+=w;q-=w;} left-=k; } dataoff+=ret; }
  char line[9400]; int n=snprintf(line,sizeof line,"%lu\t%ld\t%s\t%s\t%s\t%ld\t%ld\t%ld\t%ld\t%d\t%ld\t%d\t%lu\t%ld\t%ld\n",my,(long)syscall(SYS_gettid),op,path?path:"",path2?path2:"",ino,off,len,doff,flags,ret,err,st,nowns(),size);
  syscall(SYS_write,logfd,line,n); pthread_mutex_unlock(&mu); }

/* ---- open ---- */
static int do_open(int dfd,const char*p,int flags,mode_t mode){
  init(); char ap[4096]; 
  if(bootid[0]&&!strcmp(p,"/proc/sys/kernel/random/boot_id")) return syscall(SYS_openat,AT_FDCWD,bootid,flags&~O_NOFOLLOW,mode);
  if(abspath(dfd,p,ap,sizeof ap)||!under(ap)) return syscall(SYS_openat,dfd,p,flags,mode);
  int wr=(flags&(O_WRONLY|O_RDWR|O_CREAT|O_TRUNC))!=0; uint64_t st=startseq();
  struct verdict v={0}; if(wr) v=check(C_OPEN,ap); if(v.act==A_ERR){errno=v.err;return -1;}
  struct stat sb; int existed=!stat(ap,&sb); int fd=syscall(SYS_openat,dfd,p,flags,mode); int e=errno;
  if(wr&&fd>=0){ if(!existed) logop("create",ap,0,fd,0,0,0,0,flags,fd,0,st); else if(flags&O_TRUNC) logop("truncate",ap,0,fd,0,0,0,0,flags,0,0,st); }
  after(v); errno=e; return fd; }
int open(const char*p,int flags,...){ mode_t m=0; if(flags&(O_CREAT|__O_TMPFILE)){va_list a;va_start(a,flags);m=va_arg(a,mode_t);va_end(a);} return do_open(AT_FDCWD,p,flags,m); }
int open64(const char*p,int flags,...){ mode_t m=0; if(flags&(O_CREAT|__O_TMPFILE)){va_list a;va_start(a,flags);m=va_arg(a,mode_t);va_end(a);} return do_open(AT_FDCWD,p,flags|O_LARGEFILE,m); }
int openat(int d,const char*p,int flags,...){ mode_t m=0; if(flags&(O_CREAT|__O_TMPFILE)){va_list a;va_start(a,flags);m=va_arg(a,mode_t);va_end(a);} return do_open(d,p,flags,m); }
int openat64(int d,const char*p,int flags,...){ mode_t m=0; if(flags&(O_CREAT|__O_TMPFILE)){va_list a;va_start(a,flags);m=va_arg(a,mode_t);va_end(a);} return do_open(d,p,flags|O_LARGEFILE,m); }

/* ---- writes ---- */
static ssize_t do_writev(int fd,const struct iovec*iov,int n,off_t off,int positioned){
  init(); long total=0; for(int i=0;i<n;i++) total+=iov[i].iov_len;
  if(fd==ackfd&&ackfd>=0&&logfd>=0){ char t[512]; long k=0; for(int i=0;i<n&&k<500;i++) for(size_t j=0;j<iov[i].iov_len&&k<500;j++){char c=((char*)iov[i].iov_base)[j]; t[k++]=c=='\n'?'|':c=='\t'?' ':c;} t[k]=0; logop("ack",t,0,-1,0,total,0,0,0,total,0,startseq()); }
  char p[4096]; int tr=rootlen&&fd!=logfd&&fd!=datafd&&!fdpath(fd,p,sizeof p)&&under(p);
  if(!tr){ return positioned? real_pwritev(fd,iov,n,off): real_writev(fd,iov,n); }
  uint64_t st=startseq(); struct verdict v=check(C_WRITE,p);
  if(v.act==A_ERR){ errno=v.err; logop("write-fail",p,0,fd,positioned?off:-1,total,0,0,0,-1,v.err,st); return -1; }
  if(v.act==A_SKIP) return total;
  int fl=fcntl(fd,F_GETFL); long at=positioned?off:((fl&O_APPEND)?-1:lseek(fd,0,SEEK_CUR));
  if(at==-1){ struct stat sb; fstat(fd,&sb); at=sb.st_size; }
  ssize_t r; if((v.act==A_SHORT||v.act==A_TORN)&&total>1){ long half=total/2; char*b=malloc(total),*q=b; for(int i=0;i<n;i++){memcpy(q,iov[i].iov_base,iov[i].iov_len);q+=iov[i].iov_len;} struct iovec one={b,half}; r=positioned?real_pwritev(fd,&one,1,off):real_writev(fd,&one,1); free(b); }
  else r=positioned?real_pwritev(fd,iov,n,off):real_writev(fd,iov,n);
  int e=errno; logop("write",p,0,fd,at,total,iov,n,fl,r,r<0?e:0,st); after(v);
  if(v.act==A_LATE){errno=v.err;return -1;}
  errno=e; return r; }
ssize_t write(int fd,const void*b,size_t n){ struct iovec v={(void*)b,n}; return do_writev(fd,&v,1,0,0); }
ssize_t pwrite(int fd,const void*b,size_t n,off_t o){ struct iovec v={(void*)b,n}; return do_writev(fd,&v,1,o,1); }
ssize_t pwrite64(int fd,const void*b,size_t n,off_t o){ struct iovec v={(void*)b,n}; return do_writev(fd,&v,1,o,1); }
ssize_t writev(int fd,const struct iovec*v,int n){ return do_writev(fd,v,n,0,0); }
ssize_t pwritev(int fd,const struct iovec*v,int n,off_t o){ return do_writev(fd,v,n,o,1); }
ssize_t pwritev64(int fd,const struct iovec*v,int n,off_t o){ return do_writev(fd,v,n,o,1); }

/* ---- sync ---- */
static int do_sync(int fd,const char*name){
  init(); char p[4096]; int data=!strcmp(name,"fdatasync");
  if(!rootlen||fdpath(fd,p,sizeof p)||!under(p)) return data?real_fdatasync(fd):real_fsync(fd);
  uint64_t st=startseq(); struct verdict v=check(C_SYNC,p);
  if(v.act==A_ERR){ logop("sync-fail",p,name,fd,0,0,0,0,0,-1,v.err,st); errno=v.err; return -1; }
  if(v.act==A_SKIP){ return 0; }
  int r=data?real_fdatasync(fd):real_fsync(fd); int e=errno; struct stat sb; int isdir=!fstat(fd,&sb)&&S_ISDIR(sb.st_mode);
  logop(isdir?"syncdir":"sync",p,name,fd,0,0,0,0,0,r,r<0?e:0,st); after(v); if(v.act==A_LATE){errno=v.err;return -1;} errno=e; return r; }
int fsync(int fd){ return do_sync(fd,"fsync"); }
int fdatasync(int fd){ return do_sync(fd,"fdatasync"); }
int msync(void*a,size_t n,int f){ init(); uint64_t st=startseq(); struct verdict v=check(C_SYNC,"<msync>"); if(v.act==A_ERR){errno=v.err;return -1;} if(v.act==A_SKIP)return 0; int r=real_msync(a,n,f); int e=errno; if(logfd>=0&&rootlen) logop("msync","<msync>",0,-1,(long)a,n,0,0,f,r,e,st); after(v); errno=e; return r; }

/* ---- metadata ---- */
static int do_trunc(int fd,off_t n){ init(); char p[4096]; if(!rootlen||fdpath(fd,p,sizeof p)||!under(p)) return real_ftruncate(fd,n);
  uint64_t st=startseq(); struct verdict v=check(C_TRUNC,p); if(v.act==A_ERR){errno=v.err;return -1;} if(v.act==A_SKIP)return 0;
  int r=real_ftruncate(fd,n); int e=errno; logop("truncate",p,0,fd,n,0,0,0,0,r,r<0?e:0,st); after(v); errno=e; return r; }
int ftruncate(int fd,off_t n){ return do_trunc(fd,n); }
int ftruncate64(int fd,off_t n){ return do_trunc(fd,n); }
int futimens(int fd,const struct timespec t[2]){ init(); int r=real_futimens(fd,t); int e=errno; char p[4096];
  if(logfd>=0&&rootlen&&t&&!fdpath(fd,p,sizeof p)&&under(p)) logop("utime",p,0,fd,t[1].tv_sec,t[1].tv_nsec,0,0,0,r,r<0?e:0,startseq()); errno=e; return r; }
static int do_falloc(int fd,int m,off_t o,off_t l){ init(); char p[4096]; if(!rootlen||fdpath(fd,p,sizeof p)||!under(p)) return real_fallocate(fd,m,o,l);
  uint64_t st=startseq(); struct verdict v=check(C_TRUNC,p); if(v.act==A_ERR){errno=v.err;return -1;}
  int r=real_fallocate(fd,m,o,l); int e=errno; logop("fallocate",p,0,fd,o,l,0,0,m,r,r<0?e:0,st); after(v); errno=e; return r; }
int fallocate(int fd,int m,off_t o,off_t l){ return do_falloc(fd,m,o,l); }
int fallocate64(int fd,int m,off_t o,off_t l){ return do_falloc(fd,m,o,l); }
static int do_rename(int d1,const char*a,int d2,const char*b){ init(); char A[4096],B[4096];
  if(abspath(d1,a,A,sizeof A)||abspath(d2,b,B,sizeof B)||!(under(A)||under(B))) return real_renameat(d1,a,d2,b);
  uint64_t st=startseq(); struct verdict v=check(C_RENAME,B); if(v.act==A_ERR){errno=v.err;return -1;} if(v.act==A_SKIP)return 0;
  int r=real_renameat(d1,a,d2,b); int e=errno; logop("rename",A,B,-1,0,0,0,0,0,r,r<0?e:0,st); after(v); errno=e; return r; }
int rename(const char*a,const char*b){ return do_rename(AT_FDCWD,a,AT_FDCWD,b); }
int renameat(int d1,const char*a,int d2,const char*b){ return do_rename(d1,a,d2,b); }
static int do_unlink(int d,const char*a,int f){ init(); char A[4096]; if(abspath(d,a,A,sizeof A)||!under(A)) return real_unlinkat(d,a,f);
  uint64_t st=startseq(); struct verdict v=check(C_UNLINK,A); if(v.act==A_ERR){errno=v.err;return -1;} if(v.act==A_SKIP)return 0;
  int r=real_unlinkat(d,a,f); int e=errno; logop(f&AT_REMOVEDIR?"rmdir":"unlink",A,0,-1,0,0,0,0,0,r,r<0?e:0,st); after(v); errno=e; return r; }
int unlink(const char*a){ return do_unlink(AT_FDCWD,a,0); }
int unlinkat(int d,const char*a,int f){ return do_unlink(d,a,f); }
int rmdir(const char*a){ return do_unlink(AT_FDCWD,a,AT_REMOVEDIR); }
int mkdir(const char*a,mode_t m){ init(); char A[4096]; if(abspath(AT_FDCWD,a,A,sizeof A)||!under(A)) return real_mkdir(a,m);
  uint64_t st=startseq(); struct verdict v=check(C_MKDIR,A); if(v.act==A_ERR){errno=v.err;return -1;} int r=real_mkdir(a,m); int e=errno; if(!r) logop("mkdir",A,0,-1,0,0,0,0,m,r,0,st); after(v); errno=e; return r; }
int link(const char*a,const char*b){ init(); char A[4096],B[4096]; if(abspath(AT_FDCWD,a,A,sizeof A)||abspath(AT_FDCWD,b,B,sizeof B)||!under(B)) return real_link(a,b);
  uint64_t st=startseq(); struct verdict v=check(C_LINK,B); if(v.act==A_ERR){errno=v.err;return -1;} int r=real_link(a,b); int e=errno; logop("link",A,B,-1,0,0,0,0,0,r,r<0?e:0,st); after(v); errno=e; return r; }
static void* do_mmap(void*a,size_t n,int pr,int fl,int fd,off_t o){ init(); void*r=real_mmap(a,n,pr,fl,fd,o);
  if(fd>=0&&logfd>=0&&rootlen&&(fl&MAP_SHARED)&&(pr&PROT_WRITE)&&r!=MAP_FAILED){ char p[4096]; if(!fdpath(fd,p,sizeof p)&&under(p)) logop("mmap-shared-write",p,0,fd,o,n,0,0,fl,0,0,startseq()); } return r; }
void* mmap64(void*a,size_t n,int pr,int fl,int fd,off_t o){ return do_mmap(a,n,pr,fl,fd,o); }
void* mmap(void*a,size_t n,int pr,int fl,int fd,off_t o){ static int dep; if(!real_mmap) return (void*)syscall(SYS_mmap,a,n,pr,fl,fd,o); (void)dep; return do_mmap(a,n,pr,fl,fd,o); }
